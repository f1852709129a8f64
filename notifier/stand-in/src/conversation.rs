//! One connection, from the greeting to its end.

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsAcceptor;

use crate::{Answer, Login, Security, Shared, login::encoded};

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// RFC 5321, 4.5.3.1.4 and 4.5.3.1.6, with the line break.
const LONGEST_COMMAND: usize = 512;
const LONGEST_LINE: usize = 1000;

/// How far a client has come. Each step needs the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Connected,
    Greeted,
    Sender,
    Recipient,
}

struct Conversation<'a> {
    stream: BufReader<Box<dyn Stream>>,
    shared: &'a Shared,
    secured: bool,
    logged_in: bool,
    progress: Progress,
    /// The parameters of MAIL.
    announced: String,
}

/// Ends when either side hangs up.
pub(crate) async fn converse(
    stream: Box<dyn Stream>,
    shared: &Shared,
    secured: bool,
) -> Option<()> {
    let mut conversation = Conversation {
        stream: BufReader::new(stream),
        shared,
        secured,
        logged_in: false,
        progress: Progress::Connected,
        announced: String::new(),
    };
    conversation.answer("hello", "220 stand-in").await?;
    loop {
        conversation.command().await?;
    }
}

impl Conversation<'_> {
    async fn command(&mut self) -> Option<()> {
        let line = self.read_line(LONGEST_COMMAND).await?;
        self.shared.hear(|heard| heard.commands.push(line.clone()));
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb {
            "EHLO" => {
                self.progress = Progress::Greeted;
                let extensions = self.extensions();
                self.answer("EHLO", &extensions).await.map(drop)
            }
            "STARTTLS" => self.secure().await,
            "AUTH" => self.authenticate(rest).await,
            "MAIL" => self.sender(rest).await,
            "RCPT" => self.recipient(rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.progress = self.progress.min(Progress::Greeted);
                self.answer("RSET", "250 2.0.0 ok").await.map(drop)
            }
            "NOOP" => self.answer("NOOP", "250 2.0.0 ok").await.map(drop),
            "QUIT" => {
                self.answer("QUIT", "221 2.0.0 bye").await?;
                None
            }
            _ => {
                self.violation(format!("not a command: {line}"));
                self.say("502 5.5.1 what?").await
            }
        }
    }

    fn extensions(&self) -> String {
        let Shared { setup, .. } = self.shared;
        let mut lines = vec!["250-stand-in".to_owned(), "250-8BITMIME".to_owned()];
        if !setup.without_smtputf8 {
            lines.push("250-SMTPUTF8".to_owned());
        }
        match setup.security {
            Security::StartTls(_) if !self.secured => lines.push("250-STARTTLS".to_owned()),
            Security::None | Security::StartTls(_) | Security::Implicit(_) => {
                let mechanism = setup.login.as_ref().map_or("PLAIN", Login::mechanism);
                lines.push(format!("250-AUTH {mechanism}"));
            }
        }
        lines.push("250 ENHANCEDSTATUSCODES".to_owned());
        lines.join("\r\n")
    }

    /// Whatever came in the clear behind the command is thrown away (RFC 3207, 4.2).
    async fn secure(&mut self) -> Option<()> {
        let Security::StartTls(identity) = &self.shared.setup.security else {
            return self.answer("STARTTLS", "502 5.5.1 no TLS here").await.map(drop);
        };
        if !self.answer("STARTTLS", "220 2.0.0 go on").await? {
            return Some(());
        }
        let stream =
            std::mem::replace(&mut self.stream, BufReader::new(Box::new(tokio::io::empty())));
        let acceptor = TlsAcceptor::from(identity.config());
        let stream = acceptor.accept(stream.into_inner()).await.ok()?;
        self.shared.hear(|heard| heard.secured += 1);
        self.stream = BufReader::new(Box::new(stream));
        (self.secured, self.progress) = (true, Progress::Connected);
        Some(())
    }

    async fn authenticate(&mut self, rest: &str) -> Option<()> {
        let (mechanism, proof) = rest.split_once(' ').unwrap_or((rest, ""));
        let accepted = match &self.shared.setup.login {
            None => mechanism == "PLAIN",
            Some(login @ Login::Login { user, password }) => {
                self.say(&format!("334 {}", encoded("Username:"))).await?;
                let user = self.read_line(LONGEST_COMMAND).await? == encoded(user);
                self.say(&format!("334 {}", encoded("Password:"))).await?;
                let password = self.read_line(LONGEST_COMMAND).await? == encoded(password);
                mechanism == login.mechanism() && user && password
            }
            Some(login) => {
                mechanism == login.mechanism() && login.proof().as_deref() == Some(proof)
            }
        };
        if !accepted && mechanism == "XOAUTH2" {
            // The reason comes as a challenge, which the client acknowledges with an empty line.
            self.say(&format!("334 {}", encoded(r#"{"status":"401","schemes":"bearer"}"#))).await?;
            let line = self.read_line(LONGEST_COMMAND).await?;
            if !line.is_empty() {
                self.violation(format!("expected an empty line, not {line}"));
            }
        }
        if accepted {
            self.logged_in = self.answer("AUTH", "235 2.7.0 welcome").await?;
            Some(())
        } else {
            self.answer("AUTH", "535 5.7.8 no such login").await.map(drop)
        }
    }

    async fn sender(&mut self, rest: &str) -> Option<()> {
        if self.progress != Progress::Greeted {
            self.violation("MAIL out of turn");
            return self.say("503 5.5.1 out of turn").await;
        }
        if self.shared.setup.login.is_some() && !self.logged_in {
            return self.answer("MAIL", "530 5.7.0 log in first").await.map(drop);
        }
        rest.split_once('>')
            .map_or("", |(_, parameters)| parameters)
            .clone_into(&mut self.announced);
        self.path(rest, "FROM:<");
        if self.answer("MAIL", "250 2.1.0 ok").await? {
            self.progress = Progress::Sender;
        }
        Some(())
    }

    async fn recipient(&mut self, rest: &str) -> Option<()> {
        if self.progress < Progress::Sender {
            self.violation("RCPT out of turn");
            return self.say("503 5.5.1 out of turn").await;
        }
        self.path(rest, "TO:<");
        if self.answer("RCPT", "250 2.1.5 ok").await? {
            self.progress = Progress::Recipient;
        }
        Some(())
    }

    /// One address in angle brackets, in ASCII unless SMTPUTF8 was announced.
    fn path(&self, rest: &str, begin: &str) {
        let address = rest.strip_prefix(begin).and_then(|rest| rest.split_once('>'));
        match address {
            Some((address, parameters)) => {
                if !address.is_ascii()
                    && (self.shared.setup.without_smtputf8 || !self.announced.contains(" SMTPUTF8"))
                {
                    self.violation(format!("not announced by SMTPUTF8: {address}"));
                }
                if !parameters.is_empty() && !parameters.starts_with(' ') {
                    self.violation(format!("more than an address: {rest}"));
                }
            }
            None => self.violation(format!("no address: {rest}")),
        }
    }

    async fn data(&mut self) -> Option<()> {
        if self.progress < Progress::Recipient {
            self.violation("DATA out of turn");
            return self.say("503 5.5.1 out of turn").await;
        }
        if !self.answer("DATA", "354 go on").await? {
            return Some(());
        }
        let mail = self.content().await?;
        self.progress = Progress::Greeted;
        let answer = self.shared.wanted(".").unwrap_or("250 2.0.0 Ok: queued as 4F1".into());
        match &answer {
            Answer::Say(text) if text.starts_with('2') => {
                self.shared.hear(|heard| heard.mails.push(mail));
            }
            Answer::Say(_) => {}
            Answer::HangUp | Answer::Stall => {
                self.shared.hear(|heard| heard.unanswered.push(mail));
            }
        }
        self.give(answer).await.map(drop)
    }

    async fn content(&mut self) -> Option<String> {
        let mut mail = String::new();
        loop {
            let line = self.read_line(LONGEST_LINE).await?;
            if mail.is_empty()
                && let Some(answer @ (Answer::HangUp | Answer::Stall)) =
                    self.shared.wanted("content")
            {
                self.give(answer).await?;
            }
            if line == "." {
                return Some(mail);
            }
            if !line.is_ascii() && !self.announced.contains(" BODY=8BITMIME") {
                self.violation("8-bit content that was not announced");
            }
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
            mail.push_str("\r\n");
        }
    }

    /// Answers as a test wants it, or else like this; says whether the answer is a positive one.
    async fn answer(&mut self, verb: &str, usual: &str) -> Option<bool> {
        let answer = self.shared.wanted(verb).unwrap_or_else(|| usual.into());
        self.give(answer).await
    }

    async fn give(&mut self, answer: Answer) -> Option<bool> {
        match answer {
            Answer::HangUp => None,
            Answer::Stall => std::future::pending().await,
            Answer::Say(text) => {
                self.say(&text).await?;
                Some(text.starts_with(['2', '3']))
            }
        }
    }

    async fn say(&mut self, text: &str) -> Option<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
        self.stream.flush().await.ok()
    }

    /// Without its line break. What is no text, or ends in another way, ends the conversation.
    async fn read_line(&mut self, longest: usize) -> Option<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await.ok()?;
        if !line.ends_with(b"\n") {
            // The client hung up.
            return None;
        }
        if line.len() > longest {
            self.violation(format!("a line of {} bytes", line.len()));
        }
        let text = String::from_utf8(line).ok();
        let text = text.as_deref().and_then(|line| line.strip_suffix("\r\n"));
        let text = text.filter(|line| !line.contains('\r')).map(str::to_owned);
        if text.is_none() {
            self.violation("a line that is no text or does not end as lines do");
        }
        text
    }

    fn violation(&self, what: impl Into<String>) {
        self.shared.hear(|heard| heard.violations.push(what.into()));
    }
}
