//! Permission as a value: a use case cannot be called without one, and checks that it fits.

use domain::authority::{Action, Authority, Belonging, Deed, Role};

/// Says what its bearer may do. Made only by a check.
#[derive(Clone, Copy, Debug)]
pub struct Permit(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Operator,
    Application { action: Action, belonging: Belonging, speaks_up_to: Role },
    Deed(Deed),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("you are not allowed to do this")]
pub struct Denied;

impl Permit {
    /// Whoever may run the binary beside the data may do everything.
    pub const fn operator() -> Self {
        Self(Kind::Operator)
    }

    /// Asks the domain whether somebody may act on applications that belong so.
    pub fn for_application(
        who: &impl Authority,
        action: Action,
        belonging: Belonging,
    ) -> Result<Self, Denied> {
        if who.may(action, belonging) {
            let speaks_up_to = who.speaks_up_to();
            Ok(Self(Kind::Application { action, belonging, speaks_up_to }))
        } else {
            Err(Denied)
        }
    }

    /// Asks the domain whether somebody may do that to people or organizations.
    pub fn for_deed(who: &impl Authority, deed: Deed) -> Result<Self, Denied> {
        if who.may_do(deed) { Ok(Self(Kind::Deed(deed))) } else { Err(Denied) }
    }

    /// Whether one of the permits will do.
    pub(crate) fn any(
        permits: &[Self],
        covers: impl Fn(&Self) -> Result<(), Denied>,
    ) -> Result<(), Denied> {
        if permits.iter().any(|permit| covers(permit).is_ok()) { Ok(()) } else { Err(Denied) }
    }

    /// Whether this permit was given for that action on that kind of application.
    pub(crate) fn covers(&self, wanted: Action, of: Belonging) -> Result<(), Denied> {
        match self.0 {
            Kind::Operator => Ok(()),
            Kind::Application { action, belonging, .. } if action == wanted && belonging == of => {
                Ok(())
            }
            Kind::Application { .. } | Kind::Deed(_) => Err(Denied),
        }
    }

    /// Whether whoever has this permit may get to hold a secret that speaks for an owner in this role.
    pub(crate) fn covers_speaking_for(&self, owner: Role) -> Result<(), Denied> {
        match self.0 {
            Kind::Operator => Ok(()),
            Kind::Application { speaks_up_to, .. } if owner <= speaks_up_to => Ok(()),
            Kind::Application { .. } | Kind::Deed(_) => Err(Denied),
        }
    }

    /// Whether this permit was given for one of these deeds.
    pub(crate) fn covers_one_of(&self, wanted: &[Deed]) -> Result<(), Denied> {
        match self.0 {
            Kind::Operator => Ok(()),
            Kind::Deed(deed) if wanted.contains(&deed) => Ok(()),
            Kind::Application { .. } | Kind::Deed(_) => Err(Denied),
        }
    }
}
