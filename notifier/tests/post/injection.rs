//! Whatever is in names, addresses and texts, it says nothing to servers and adds nothing to mails.

use proptest::prelude::*;
use smtp_stand_in::Setup;

use super::*;

#[tokio::test]
async fn an_internationalised_address_is_delivered() {
    let server = Server::start();
    post(&server.url()).deliver(&mail_to("zoë@bücher.example")).await.unwrap();
    server.heard(|heard| {
        assert!(heard.commands[1].ends_with(" SMTPUTF8 BODY=8BITMIME"), "{:?}", heard.commands);
        assert_eq!(heard.commands[2], "RCPT TO:<zoë@xn--bcher-kva.example>");
        assert!(heard.mails[0].contains("zoë@xn--bcher-kva.example"));
    });
    nothing_was_forbidden(&server);
}

#[tokio::test]
async fn an_internationalised_address_is_final_where_the_server_takes_none() {
    let server = Server::with(Setup { without_smtputf8: true, ..Setup::default() });
    let post = post(&server.url());
    let error = post.deliver(&mail_to("zoë@bücher.example")).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Extensions, Outlook::Permanent));
    assert!(error.reason.contains("SMTPUTF8"), "{error}");
    post.deliver(&mail_to("zoe@bücher.example")).await.unwrap();
    assert_eq!(server.heard(|heard| heard.mails.len()), 1);
    nothing_was_forbidden(&server);
}

#[tokio::test]
async fn an_internationalised_sender_is_announced() {
    let server = Server::start();
    let sender = "Bücher <büro@bücher.example>".parse().unwrap();
    let post = with(&Settings { sender, ..settings(&[&server.url()]) });
    post.deliver(&mail()).await.unwrap();
    let said = server.heard(|heard| heard.commands[1].clone());
    assert_eq!(said, "MAIL FROM:<büro@xn--bcher-kva.example> SMTPUTF8 BODY=8BITMIME");
    nothing_was_forbidden(&server);
}

#[tokio::test]
async fn names_addresses_and_texts_cannot_speak_smtp() {
    let server = Server::start();
    let post = post(&server.url());
    let attack = "Ada\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>\r\n";
    let mut mail = mail();
    mail.display_name = attack.to_owned();
    mail.letter =
        Rendered { subject: attack.to_owned(), text: attack.to_owned(), html: attack.to_owned() };
    post.deliver(&mail).await.unwrap();
    mail.address = attack.to_owned();
    assert_eq!(post.deliver(&mail).await.unwrap_err().stage, Stage::Composing);
    arrived_alone(&server, "RCPT TO:<ada@example.com>");
}

/// One mail, to one recipient, with the headers that mails have.
fn arrived_alone(server: &Server, recipient: &str) {
    nothing_was_forbidden(server);
    server.heard(|heard| {
        let recipients = heard.commands.iter().filter(|line| line.starts_with("RCPT"));
        assert_eq!(recipients.collect::<Vec<_>>(), [recipient]);
        assert_eq!(heard.mails.len(), 1);
        assert_eq!(headers(&heard.mails[0]), HEADERS, "{}", heard.mails[0]);
    });
}

const HEADERS: [&str; 8] = [
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
];

/// The names in the head of a mail, as a reader would find them (RFC 5322, 2.2).
fn headers(mail: &str) -> Vec<&str> {
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    lines.map(|line| line.split_once(':').map_or(line, |(name, _)| name)).collect()
}

/// Any text, but more often one that means something to somebody.
fn spiteful() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "\\PC{0,8}",
        2 => any::<char>().prop_map(String::from),
        3 => prop::sample::select(vec![
            "\r\n", "\n", "\r", "\0", "\u{85}", "\u{2028}", "\t", " ", "\r\n ", "Bcc: eve@example.com",
            ".\r\n", "=?utf-8?q?=0D=0A?=", "<", ">", "\"", "\\", "(", ")", ",", ";", ":", "@", "[", "]",
            "example.com", "xn--", "ﬁ", "ß", "İ", "。", "\u{200d}", "\u{ad}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A mail address, or what could pass for one.
fn almost_an_address() -> impl Strategy<Value = String> {
    (spiteful(), "[a-zäß.\"]{0,6}", "[a-zA-Zäßあ.-]{1,12}", spiteful()).prop_flat_map(
        |(before, user, domain, behind)| {
            prop::sample::select(vec![
                format!("{user}@{domain}.example"),
                format!("{before}{user}@{domain}"),
                format!("{user}@{domain}{behind}"),
                format!("\"{before}\"@{domain}.example"),
            ])
        },
    )
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

proptest! {
    #[test]
    fn no_name_subject_or_text_adds_a_header_or_a_recipient(
        name in spiteful(),
        subject in spiteful(),
        text in spiteful(),
    ) {
        run(async {
            let server = Server::start();
            let mut mail = mail();
            mail.display_name = name;
            mail.letter = Rendered { subject, html: text.clone(), text };
            post(&server.url()).deliver(&mail).await.unwrap();
            arrived_alone(&server, "RCPT TO:<ada@example.com>");
        });
    }

    #[test]
    fn an_address_is_one_recipient_or_none(address in almost_an_address()) {
        run(async {
            let server = Server::start();
            match post(&server.url()).deliver(&mail_to(&address)).await {
                Ok(_) => {
                    let user = address.rsplit_once('@').unwrap().0;
                    let said = server.heard(|heard| heard.commands[2].clone());
                    let domain = said.strip_prefix(&format!("RCPT TO:<{user}@")).unwrap_or_else(|| panic!("{said}"));
                    let domain = domain.strip_suffix('>').unwrap();
                    assert!(domain.is_ascii() && !domain.contains(['<', '>', ' ', '@']), "{said}");
                    arrived_alone(&server, &said);
                }
                Err(error) => {
                    assert_eq!((error.stage, error.outlook), (Stage::Composing, Outlook::Permanent));
                    assert_eq!(server.heard(|heard| heard.connections), 0);
                }
            }
        });
    }
}
