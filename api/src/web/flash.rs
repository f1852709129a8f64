//! What a page says once, about what was done on the page before. It travels in a signed cookie, so that no link can
//! put words into our mouth.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use store::Purpose;
use subtle::ConstantTimeEq;

use crate::app::App;

/// Something to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flash {
    pub(super) message: Message,
    pub(super) shown: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Saved,
    Activated,
    Deactivated,
    Deleted,
    Restored,
    Transferred,
    RebuildRequested,
    RollBackRequested,
    PasswordChanged,
    PasswordChosen,
    Invited,
    UserDisabled,
    UserEnabled,
    OrganizationDisabled,
    OrganizationEnabled,
    MemberAdded,
    MemberRemoved,
    RuleOn,
    RuleOff,
    DeliveryResent,
    DeliveryCanceled,
    DeliveryOvertaken,
    SessionClosed,
    SignedOutEverywhere,
    SignedOut,
    SessionEnded,
    TestRequested,
    TestedJustNow,
    TemplateRemoved,
}

/// Whether the pages show what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Already,
    Soon,
}

/// As the template wants it.
#[derive(Debug, Serialize)]
pub(super) struct Words {
    kind: &'static str,
    text: String,
}

impl Message {
    const ALL: [Self; 29] = [
        Self::Saved,
        Self::Activated,
        Self::Deactivated,
        Self::Deleted,
        Self::Restored,
        Self::Transferred,
        Self::RebuildRequested,
        Self::RollBackRequested,
        Self::PasswordChanged,
        Self::PasswordChosen,
        Self::Invited,
        Self::UserDisabled,
        Self::UserEnabled,
        Self::OrganizationDisabled,
        Self::OrganizationEnabled,
        Self::MemberAdded,
        Self::MemberRemoved,
        Self::RuleOn,
        Self::RuleOff,
        Self::DeliveryResent,
        Self::DeliveryCanceled,
        Self::DeliveryOvertaken,
        Self::SessionClosed,
        Self::SignedOutEverywhere,
        Self::SignedOut,
        Self::SessionEnded,
        Self::TestRequested,
        Self::TestedJustNow,
        Self::TemplateRemoved,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Activated => "activated",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Transferred => "transferred",
            Self::RebuildRequested => "rebuild-requested",
            Self::RollBackRequested => "roll-back-requested",
            Self::PasswordChanged => "password-changed",
            Self::PasswordChosen => "password-chosen",
            Self::Invited => "invited",
            Self::UserDisabled => "user-disabled",
            Self::UserEnabled => "user-enabled",
            Self::OrganizationDisabled => "organization-disabled",
            Self::OrganizationEnabled => "organization-enabled",
            Self::MemberAdded => "member-added",
            Self::MemberRemoved => "member-removed",
            Self::RuleOn => "rule-on",
            Self::RuleOff => "rule-off",
            Self::DeliveryResent => "delivery-resent",
            Self::DeliveryCanceled => "delivery-canceled",
            Self::DeliveryOvertaken => "delivery-overtaken",
            Self::SessionClosed => "session-closed",
            Self::SignedOutEverywhere => "signed-out-everywhere",
            Self::SignedOut => "signed-out",
            Self::SessionEnded => "session-ended",
            Self::TestRequested => "test-requested",
            Self::TestedJustNow => "tested-just-now",
            Self::TemplateRemoved => "template-removed",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Saved => "Saved successfully",
            Self::Activated => "Activated successfully",
            Self::Deactivated => "Deactivated successfully",
            Self::Deleted => "Deleted successfully",
            Self::Restored => {
                "Restored successfully. The application is inactive until it is activated."
            }
            Self::Transferred => "Transferred successfully",
            Self::RebuildRequested => {
                "The rebuild has been asked for. This page says how far it is."
            }
            Self::RollBackRequested => {
                "Going back has been asked for. This page says how far it is."
            }
            Self::PasswordChanged => {
                "Your password has been changed, and your other sessions have ended."
            }
            Self::PasswordChosen => "Your password has been saved. Welcome.",
            Self::Invited => "A letter with a link to choose a password is on its way.",
            Self::UserDisabled => "The account has been disabled.",
            Self::UserEnabled => "The account has been enabled.",
            Self::OrganizationDisabled => "The organization has been disabled.",
            Self::OrganizationEnabled => "The organization has been enabled.",
            Self::MemberAdded => "The member has been added.",
            Self::MemberRemoved => "The membership has ended.",
            Self::RuleOn => "The rule is on.",
            Self::RuleOff => "The rule is off.",
            Self::DeliveryResent => "The letter is on its way again.",
            Self::DeliveryCanceled => "The letter has been canceled.",
            Self::DeliveryOvertaken => {
                "The letter was not canceled: it had gone on before. This page says how far it is."
            }
            Self::SessionClosed => "The session has ended.",
            Self::SignedOutEverywhere => "You are signed out everywhere.",
            Self::SignedOut => "You are signed out.",
            Self::SessionEnded => "Your session has ended. Please sign in again.",
            Self::TestRequested => "A test letter to you is on its way.",
            Self::TestedJustNow => {
                "You asked for a test letter just now. Wait ten seconds, then ask again."
            }
            Self::TemplateRemoved => "The template has been deleted.",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Saved
            | Self::Activated
            | Self::Deactivated
            | Self::Deleted
            | Self::Restored
            | Self::Transferred
            | Self::RebuildRequested
            | Self::RollBackRequested
            | Self::PasswordChanged
            | Self::PasswordChosen
            | Self::Invited
            | Self::UserDisabled
            | Self::UserEnabled
            | Self::OrganizationDisabled
            | Self::OrganizationEnabled
            | Self::MemberAdded
            | Self::MemberRemoved
            | Self::RuleOn
            | Self::RuleOff
            | Self::DeliveryResent
            | Self::DeliveryCanceled
            | Self::SessionClosed
            | Self::SignedOutEverywhere
            | Self::SignedOut
            | Self::TestRequested
            | Self::TemplateRemoved => "success",
            Self::DeliveryOvertaken | Self::SessionEnded | Self::TestedJustNow => "error",
        }
    }
}

impl Shown {
    const ALL: [Self; 2] = [Self::Already, Self::Soon];

    pub(super) const fn after(settled: bool) -> Self {
        if settled { Self::Already } else { Self::Soon }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Already => "already",
            Self::Soon => "soon",
        }
    }
}

/// Said where something is written but not to be seen yet.
pub(super) const SOON: &str = "It is written, but this page may not show it for a moment.";

impl Flash {
    pub(super) const fn of(message: Message) -> Self {
        Self { message, shown: Shown::Already }
    }

    pub(super) fn words(self) -> Words {
        let Self { message, shown } = self;
        let text = match shown {
            Shown::Already => message.text().to_owned(),
            Shown::Soon => format!("{}. {SOON}", message.text().trim_end_matches('.')),
        };
        Words { kind: message.kind(), text }
    }

    /// The value of the cookie.
    pub(super) fn sign(self, app: &App) -> String {
        let (message, shown) = (self.message.code(), self.shown.code());
        let parts: [&[u8]; 3] = [b"flash", message.as_bytes(), shown.as_bytes()];
        let mac = URL_SAFE_NO_PAD.encode(app.commands.key.mac(Purpose::Forms, &parts));
        format!("{message}.{shown}.{mac}")
    }

    /// What the cookie says, if we signed it.
    pub(super) fn read(app: &App, value: &str) -> Option<Self> {
        let (code, _) = value.rsplit_once('.')?;
        let (message, shown) = code.split_once('.')?;
        let message = Message::ALL.into_iter().find(|it| it.code() == message)?;
        let shown = Shown::ALL.into_iter().find(|it| it.code() == shown)?;
        let flash = Self { message, shown };
        bool::from(flash.sign(app).as_bytes().ct_eq(value.as_bytes())).then_some(flash)
    }
}
