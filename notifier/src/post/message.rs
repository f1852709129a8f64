//! A mail as it goes over the wire (RFC 5322), always the same bytes for the same mail.

use std::time::SystemTime;

use lettre::{
    Address,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use time::OffsetDateTime;

use super::{
    Letterhead, Mail, PostError, Stage,
    address::{address, display_name, one_line},
};

/// Ready to be handed over.
pub(super) struct Message {
    /// With angle brackets.
    pub(super) id: String,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) bytes: Vec<u8>,
}

impl Message {
    pub(super) fn compose(letterhead: &Letterhead, mail: &Mail) -> Result<Self, PostError> {
        let refused = |reason| PostError::permanent(Stage::Composing, reason);
        let to = address(&mail.address)
            .ok_or_else(|| refused("the recipient has no well-formed mail address"))?;
        let id = letterhead.message_id(mail.notification);
        let auto_submitted = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = lettre::Message::builder()
            .message_id(Some(id.clone()))
            .date(date(mail))
            .from(letterhead.sender.0.clone())
            .to(Mailbox::new(display_name(&mail.display_name), to.clone()))
            .subject(one_line(&mail.letter.subject))
            // RFC 3834: nobody's holiday note answers this.
            .raw_header(HeaderValue::new(auto_submitted, "auto-generated".to_owned()))
            .multipart(body(mail))
            .map_err(|_| refused("the mail lacks a sender or a recipient"))?;
        Ok(Self { id, from: letterhead.sender.0.email.clone(), to, bytes: message.formatted() })
    }
}

/// Text first, HTML last: the last one is preferred (RFC 2046, 5.1.4).
fn body(mail: &Mail) -> MultiPart {
    let part = |content_type, content: &str| {
        SinglePart::builder()
            .content_type(content_type)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(content.to_owned())
    };
    // Quoted-printable text never holds `=_`, so it cannot pretend to be a boundary (RFC 2045, 6.7).
    let boundary = format!("=_{}", mail.notification.as_uuid().simple());
    MultiPart::alternative()
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.letter.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.letter.html))
}

fn date(mail: &Mail) -> SystemTime {
    OffsetDateTime::from(mail.date).max(OffsetDateTime::UNIX_EPOCH).into()
}

#[cfg(test)]
mod tests {
    use domain::{NotificationId, Timestamp};
    use letters::Rendered;
    use uuid::Uuid;

    use super::*;

    fn mail(address: &str, display_name: &str) -> Mail {
        Mail {
            notification: NotificationId::new(Uuid::nil()),
            address: address.to_owned(),
            display_name: display_name.to_owned(),
            letter: Rendered {
                subject: "Hello".to_owned(),
                text: "Hello, Zoë.\n".to_owned(),
                html: "<p>Hello, Zoë.</p>\n".to_owned(),
            },
            date: Timestamp::from_micros(1_793_696_700_999_999),
        }
    }

    fn composed(mail: &Mail) -> Result<Message, PostError> {
        let sender = "Oathbook <oathbook@localhost>".parse().unwrap();
        Message::compose(&Letterhead { sender, host: "oathbook.example".to_owned() }, mail)
    }

    fn text_of(mail: &Mail) -> String {
        String::from_utf8(composed(mail).unwrap().bytes).unwrap()
    }

    /// Folded lines joined again (RFC 5322, 2.2.3).
    fn head_of(mail: &Mail) -> Vec<String> {
        let text = text_of(mail);
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_mail_is_the_same_bytes_each_time() {
        let expected = "\
            Message-ID: <00000000-0000-0000-0000-000000000000@oathbook.example>\r\n\
            Date: Tue, 03 Nov 2026 09:05:00 +0000\r\n\
            From: Oathbook <oathbook@localhost>\r\n\
            To: \"Ada Lovelace\" <ada@example.com>\r\n\
            Subject: Hello\r\n\
            Auto-Submitted: auto-generated\r\n\
            MIME-Version: 1.0\r\n\
            Content-Type: multipart/alternative;\r\n \
            boundary=\"=_00000000000000000000000000000000\"\r\n\
            \r\n\
            --=_00000000000000000000000000000000\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\
            \r\n\
            Hello, Zo=C3=AB.\r\n\r\n\
            --=_00000000000000000000000000000000\r\n\
            Content-Type: text/html; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\
            \r\n\
            <p>Hello, Zo=C3=AB.</p>\r\n\r\n\
            --=_00000000000000000000000000000000--\r\n";
        assert_eq!(text_of(&mail("ada@example.com", "Ada Lovelace")), expected);
    }

    #[test]
    fn a_name_cannot_add_a_header() {
        let usual = head_of(&mail("ada@example.com", "Ada Lovelace")).len();
        for name in [
            "Ada\r\nBcc: eve@example.com",
            "Ada\nBcc: eve@example.com\r\n\r\n<p>",
            "Ada\u{2028}Bcc: eve@example.com\u{85}",
            "Ada\" <eve@example.com>, \"Eve",
            "Ada <eve@example.com>,",
            "=?utf-8?q?Ada=0D=0ABcc:_eve@example.com?=",
            &"é\r\n\t".repeat(400),
        ] {
            let mut mail = mail("ada@example.com", name);
            mail.letter.subject = name.to_owned();
            let head = head_of(&mail);
            assert_eq!(head.len(), usual, "{head:?}");
            assert!(head.iter().all(|line| !line.starts_with("Bcc")), "{head:?}");
            assert!(text_of(&mail).lines().all(|line| line.len() <= 998));
            assert_eq!(composed(&mail).unwrap().to.to_string(), "ada@example.com");
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused_for_good() {
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example.com\r\nRCPT TO:<eve@example.com>",
            "ada@example.com> ORCPT=x",
            "ada@example.com, eve@example.com",
            "\"a\r\nb\"@example.com",
            "ada\0@example.com",
            "Ada <ada@example.com>",
        ] {
            let error = composed(&mail(wrong, "Ada")).err().unwrap();
            assert_eq!(error.outlook, super::super::Outlook::Permanent, "{wrong}");
            assert!(!error.to_string().contains("ada@"));
        }
    }

    #[test]
    fn an_internationalised_domain_goes_in_ascii_and_a_name_is_encoded() {
        let mail = mail("ada@bücher.example", "Zoë Łukasiewicz");
        let message = composed(&mail).unwrap();
        assert_eq!(message.to.to_string(), "ada@xn--bcher-kva.example");
        assert!(message.bytes.is_ascii());
        assert_eq!(composed(&mail).unwrap().bytes, message.bytes);
    }

    #[test]
    fn a_moment_before_the_epoch_does_not_panic() {
        let mut mail = mail("ada@example.com", "Ada");
        mail.date = Timestamp::from_micros(-1);
        assert!(text_of(&mail).contains("Date: Thu, 01 Jan 1970 00:00:00 +0000"));
        mail.date = Timestamp::from_micros(i64::MAX);
        assert!(text_of(&mail).contains("Date: "));
    }
}
