//! In which words a letter is written.

use domain::{
    EmailTemplateId,
    email_template::{EmailTemplate, Origin, Source},
    user::Locale,
};
use letters::{OCCASIONS, Occasion, fallback, regional};

/// A template's words for one reader.
#[derive(Clone, Debug)]
pub struct Wording {
    pub occasion: &'static Occasion,
    pub source: Source,
    /// In which the values are written.
    pub locale: Locale,
}

/// The occasion whose shipped template has the id.
pub fn shipped_template(id: EmailTemplateId) -> Option<&'static Occasion> {
    OCCASIONS.iter().copied().find(|occasion| EmailTemplateId::shipped(occasion.template) == id)
}

/// The occasion that the template is for; `None` where the template was removed, or never was.
pub fn occasion_of(id: EmailTemplateId, template: &EmailTemplate) -> Option<&'static Occasion> {
    match &template.origin {
        Origin::Shipped => shipped_template(id),
        Origin::Created { occasion, .. } => letters::occasion(occasion),
        Origin::Removed => None,
    }
}

/// The words that a reader of the locale understands best: those of the locale, of its parents, of the last resort, and
/// before each of them what administrators made of it. A template of one's own that has none of these says what it has.
pub fn wording(id: EmailTemplateId, template: &EmailTemplate, wanted: &Locale) -> Option<Wording> {
    let occasion = occasion_of(id, template)?;
    let kept = |locale: &Locale| template.customized.get(locale).cloned();
    let shipped = |locale: &Locale| match template.origin {
        Origin::Shipped => letters::shipped(occasion, locale),
        Origin::Created { .. } | Origin::Removed => None,
    };
    let chosen = fallback(wanted).into_iter().find_map(|locale| {
        let source = kept(&locale).or_else(|| shipped(&locale))?;
        Some((source, regional(wanted, &locale).clone()))
    });
    let first = || {
        let (locale, source) = template.customized.first_key_value()?;
        Some((source.clone(), locale.clone()))
    };
    let (source, locale) = chosen.or_else(first)?;
    Some(Wording { occasion, source, locale })
}
