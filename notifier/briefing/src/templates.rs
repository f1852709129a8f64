//! In which words a letter is written.

use domain::{
    EmailTemplateId,
    email_template::{EmailTemplate, Origin},
    user::Locale,
};
use letters::{Choice, OCCASIONS, Occasion};

/// A template's words for one reader.
#[derive(Clone, Debug)]
pub struct Wording {
    pub occasion: &'static Occasion,
    pub choice: Choice,
}

/// The words that a reader of the locale understands best: those of the locale, of its parents, of the last resort, and
/// before each of them what administrators made of it. A template of one's own that has none of these says what it has.
///
/// `None` where the template was removed, or never was.
pub fn wording(id: EmailTemplateId, template: &EmailTemplate, wanted: &Locale) -> Option<Wording> {
    let occasion = match &template.origin {
        Origin::Shipped => shipped_template(id),
        Origin::Created { occasion, .. } => letters::occasion(occasion),
        Origin::Removed => None,
    }?;
    let kept = |locale: &Locale| template.customized.get(locale).cloned();
    let shipped = |locale: &Locale| match template.origin {
        Origin::Shipped => letters::shipped(occasion, locale),
        Origin::Created { .. } | Origin::Removed => None,
    };
    let first = || {
        let (locale, source) = template.customized.first_key_value()?;
        Some(Choice { source: source.clone(), locale: locale.clone() })
    };
    let choice = letters::choose(wanted, |locale| kept(locale).or_else(|| shipped(locale)));
    Some(Wording { occasion, choice: choice.or_else(first)? })
}

/// The occasion whose shipped template has the id.
fn shipped_template(id: EmailTemplateId) -> Option<&'static Occasion> {
    OCCASIONS.iter().copied().find(|occasion| EmailTemplateId::shipped(occasion.template) == id)
}
