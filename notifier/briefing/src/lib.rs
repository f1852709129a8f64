//! Who is told of a fact, in which words, and what is known of it: all of it gathered from the log.
//!
//! The notifier asks here before it writes a letter, and pages ask here before a rule or a template is saved, so that a
//! preview says what would be sent.

mod audience;
mod changes;
mod facts;
mod foresight;
mod kept;
mod mistakes;
mod past;
mod reading;
mod registry;
mod rehearsal;
mod rules;
mod subject;
mod templates;

pub use audience::audience;
pub use changes::{Changes, blank_rule, usual_template};
pub use facts::{Addressee, told};
pub use foresight::{Foresight, Telling, is_quiet, pace};
pub use kept::{KeptRule, KeptTemplate};
pub use mistakes::{MAX_DAYS, Mistake, Place, mistakes, takes_days};
pub use past::{Past, Reach};
pub use reading::readable;
pub use registry::{Registry, Standing};
pub use rehearsal::rehearsed;
pub use rules::{INVITATION, Rules, shipped_rule, shipped_rules};
pub use subject::Subject;
pub use templates::{Templates, Wording, occasion_of, template_name, wording};
