//! In which words a letter is written.

use std::collections::BTreeMap;

use domain::{
    Decider, EmailTemplateId, Event,
    email_template::{EmailTemplate, Origin},
    user::Locale,
};
use letters::{Choice, OCCASIONS, Occasion};
use store::Recorded;

/// A fold of templates.
#[derive(Clone, Debug, Default)]
pub struct Templates(BTreeMap<EmailTemplateId, EmailTemplate>);

impl Templates {
    /// Takes in one more event; those of other categories change nothing.
    pub fn follow(&mut self, recorded: &Recorded) {
        if let Event::EmailTemplate(event) = &recorded.event
            && let Ok(id) = recorded.stream.id().parse()
        {
            let template = self.0.remove(&id).unwrap_or_default();
            self.0.insert(id, template.evolve(event.clone()));
        }
    }

    /// What there is, with its occasion: shipped templates in the order of their occasions, then those of one's own.
    pub fn all(
        &self,
    ) -> impl Iterator<Item = (EmailTemplateId, &'static Occasion, &EmailTemplate)> {
        static UNTOUCHED: EmailTemplate =
            EmailTemplate { origin: Origin::Shipped, customized: BTreeMap::new() };
        let shipped = OCCASIONS.iter().map(|occasion| {
            let id = EmailTemplateId::shipped(occasion.template);
            (id, *occasion, self.0.get(&id).unwrap_or(&UNTOUCHED))
        });
        let own = self.0.iter().filter_map(|(id, template)| match &template.origin {
            Origin::Created { occasion, .. } => Some((*id, letters::occasion(occasion)?, template)),
            Origin::Shipped | Origin::Removed => None,
        });
        shipped.chain(own)
    }

    /// `None` where it was removed, or never was.
    pub fn get(&self, id: EmailTemplateId) -> Option<(&'static Occasion, &EmailTemplate)> {
        let (_, occasion, template) = self.all().find(|(known, ..)| *known == id)?;
        Some((occasion, template))
    }
}

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
    let occasion = occasion_of(id, template)?;
    let kept = |locale: &Locale| template.customized.get(locale).cloned();
    let shipped = |locale: &Locale| match template.origin {
        Origin::Shipped => letters::shipped(occasion, locale),
        Origin::Created { .. } | Origin::Removed => None,
    };
    let first = || {
        let (locale, source) = template.customized.first_key_value()?;
        Some(Choice { source: source.clone(), letter: locale.clone(), locale: locale.clone() })
    };
    let choice = letters::choose(wanted, |locale| kept(locale).or_else(|| shipped(locale)));
    Some(Wording { occasion, choice: choice.or_else(first)? })
}

/// What people call the template.
pub fn template_name<'a>(occasion: &'a Occasion, template: &'a EmailTemplate) -> &'a str {
    match &template.origin {
        Origin::Created { name, .. } => name.as_str(),
        Origin::Shipped | Origin::Removed => occasion.template,
    }
}

/// What the template's letters tell of. `None` where it was removed, or never was.
pub fn occasion_of(id: EmailTemplateId, template: &EmailTemplate) -> Option<&'static Occasion> {
    match &template.origin {
        Origin::Shipped => shipped_template(id),
        Origin::Created { occasion, .. } => letters::occasion(occasion),
        Origin::Removed => None,
    }
}

/// The occasion whose shipped template has the id.
fn shipped_template(id: EmailTemplateId) -> Option<&'static Occasion> {
    OCCASIONS.iter().copied().find(|occasion| EmailTemplateId::shipped(occasion.template) == id)
}
