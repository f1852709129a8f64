//! One of the ways by which mails leave.

use domain::NotificationId;
use lettre::transport::smtp::client::Certificate;
use tokio::time::{Instant, timeout_at};
use url::Host;

use super::{
    InvalidPost, Letterhead, PostError, Stage, Time, Transport,
    check::{CHECK, Step, Steps},
    file::Folder,
    message::Message,
    sendmail::Sendmail,
    smtp::Smtp,
};

#[derive(Debug)]
pub(super) struct Route {
    transport: Transport,
    carrier: Carrier,
}

#[derive(Debug)]
enum Carrier {
    File(Folder),
    Smtp(Box<Smtp>),
    Sendmail(Sendmail),
}

impl Route {
    pub(super) fn new(
        transport: Transport,
        here: &Host<&str>,
        authorities: Option<&Certificate>,
    ) -> Result<Self, InvalidPost> {
        let carrier = match transport.clone() {
            Transport::File(folder) => Carrier::File(Folder::new(folder)),
            Transport::Smtp(server) => {
                Carrier::Smtp(Box::new(Smtp::new(server, here, authorities)?))
            }
            Transport::Sendmail(program) => Carrier::Sendmail(Sendmail::new(program)),
        };
        Ok(Self { transport, carrier })
    }

    /// Without user and password.
    pub(super) fn name(&self) -> String {
        self.transport.to_string()
    }

    /// Returns what the transport said.
    pub(super) async fn deliver(
        &self,
        notification: NotificationId,
        message: &Message,
        time: Time,
    ) -> Result<String, PostError> {
        match &self.carrier {
            Carrier::File(folder) => {
                // The same notification is the same file, so a late one is no second mail.
                let late = PostError::transient(Stage::File, "it took too long");
                in_time(time.turn, late, folder.deliver(notification, message)).await
            }
            Carrier::Smtp(smtp) => smtp.deliver(message, time).await,
            Carrier::Sendmail(sendmail) => {
                let late = PostError::unknown(Stage::Sendmail, "it took too long");
                in_time(time.end, late, sendmail.deliver(message)).await
            }
        }
    }

    pub(super) async fn check(
        &self,
        letterhead: &Letterhead,
        mail: Option<(NotificationId, Message)>,
    ) -> Vec<Step> {
        let (name, found) = match &self.carrier {
            Carrier::File(folder) => ("folder", folder.check().await),
            Carrier::Smtp(smtp) => {
                let message = mail.as_ref().map(|(_, message)| message);
                return smtp.check(&letterhead.sender.0.email, message).await;
            }
            Carrier::Sendmail(sendmail) => ("program", sendmail.check()),
        };
        let mut steps = Steps::default();
        if steps.take(name, found, Clone::clone).is_some()
            && let Some((notification, message)) = mail
        {
            let end = Instant::now() + CHECK;
            let taken = self.deliver(notification, &message, Time { turn: end, end }).await;
            steps.take("mail", taken, Clone::clone);
        }
        steps.taken
    }
}

/// Ends a step that takes too long.
async fn in_time<T>(
    deadline: Instant,
    late: PostError,
    step: impl Future<Output = Result<T, PostError>>,
) -> Result<T, PostError> {
    timeout_at(deadline, step).await.unwrap_or(Err(late))
}
