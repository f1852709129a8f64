//! What a letter would say, for whoever shapes its template.

use letters::{Occasion, Told};
use store::{Log, LogError, Recorded};
use url::Url;

use crate::{Addressee, Subject, told};

/// Stands in a link in place of what would let its reader in.
const NO_TOKEN: &str = "example";

/// What a letter to this reader would say of an event, or of the occasion's sample where there is none. An invitation is
/// somebody else's: the link in its place leads nowhere.
pub async fn rehearsed(
    log: &Log,
    occasion: &Occasion,
    event: Option<&Recorded>,
    reader: Addressee,
    public_url: &Url,
) -> Result<Told, LogError> {
    let Some(recorded) = event else {
        let recipient = letters::Recipient { user: reader.user, display_name: reader.display_name };
        let public_url = public_url.clone();
        return Ok(Told { recipient, public_url, ..(occasion.sample)() });
    };
    let subject = Subject::of(log, recorded).await?;
    let link = letters::invitation_page(public_url, NO_TOKEN);
    told(log, recorded, &subject, reader, public_url, Some(link)).await
}
