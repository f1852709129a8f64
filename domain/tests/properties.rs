//! What holds for every aggregate, whatever commands come in whatever order.

use std::fmt::Debug;

use domain::{
    ApplicationId, ClientId, Decider, EmailTemplateId, EventId, InvitationId, LogId,
    NotificationRuleId, OrganizationId, Personal, Scope, SecretId, Timestamp, UserId,
    application::{
        self, Application, Changes, Creation, Description, Secret, SecretHash, Settings,
    },
    authority::{Belonging, Role},
    installation::{self, Installation},
    name::{ApplicationName, OrganizationName, UserName},
    name_claim::{self, Holder, NameClaim},
    notification::{self, Notification, Recipient, Request},
    organization::{self, Organization, Standing},
    signing_key::{self, KeyId, Keyring, PublicKey},
    user::{self, DisplayName, Email, Locale, User},
};
use proptest::{collection::vec, option::of, prelude::*, sample::select};
use uuid::Uuid;

/// Carries out commands one after the other. Folding must not panic, deciding twice must agree, and folding the whole
/// history afresh must lead to the same state.
fn holds<D>(commands: Vec<D::Command>) -> Result<(), TestCaseError>
where
    D: Decider<Event: Clone + Debug + PartialEq, Error: PartialEq, Command: Debug>
        + Clone
        + Debug
        + PartialEq,
{
    let mut history = Vec::new();
    let mut state = D::default();
    for command in commands {
        let decided = state.decide(command.clone());
        prop_assert_eq!(&decided, &state.decide(command));
        for event in decided.unwrap_or_default() {
            history.push(event.clone());
            state = state.evolve(event);
        }
        let afresh = history.iter().cloned().fold(D::default(), D::evolve);
        prop_assert_eq!(&afresh, &state);
    }
    Ok(())
}

fn uuid() -> impl Strategy<Value = Uuid> {
    (0..3_u128).prop_map(Uuid::from_u128)
}

fn user() -> impl Strategy<Value = UserId> {
    uuid().prop_map(UserId::new)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0..60_i64).prop_map(|seconds| Timestamp::from_micros(seconds * 1_000_000))
}

fn word() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "c"]).prop_map(str::to_owned)
}

fn application_name() -> impl Strategy<Value = ApplicationName> {
    word().prop_map(|word| ApplicationName::parse(&word).expect("a name"))
}

fn application_command() -> impl Strategy<Value = application::Command> {
    let creation = (application_name(), user(), any::<bool>()).prop_map(|(name, owner, active)| {
        application::Command::Create(Creation {
            client_id: ClientId::parse(&"c".repeat(32)).expect("a client id"),
            organization: OrganizationId::new(Uuid::nil()),
            owner,
            name,
            active,
            settings: Settings {
                scopes: vec![Scope::parse("read").expect("a scope")],
                ..Settings::default()
            },
            secret: Secret {
                id: SecretId::new(Uuid::nil()),
                hash: SecretHash::new("$argon2id$".to_owned()),
                hint: "abcd".to_owned(),
            },
        })
    });
    prop_oneof![
        creation,
        application_name().prop_map(|name| application::Command::Rename { name }),
        Just(application::Command::Activate),
        Just(application::Command::Deactivate),
        Just(application::Command::Delete),
        word().prop_map(|word| application::Command::ChangeSettings(Changes {
            description: Some(Description::parse(&word).expect("a description")),
            ..Changes::default()
        })),
        (application_name(), any::<bool>(), user()).prop_map(|(name, active, owner)| {
            application::Command::Edit(application::Edit {
                name: Some(name),
                active: Some(active),
                owner: Some(owner),
                ..application::Edit::default()
            })
        }),
        user().prop_map(|owner| application::Command::Transfer { owner }),
        application_name().prop_map(|name| application::Command::Restore { name }),
        (word(), user(), application_name()).prop_map(|(claim, owner, name)| {
            let belonging = Belonging { organization: OrganizationId::new(Uuid::nil()), owner };
            application::Command::ForfeitName { claim, belonging, name }
        }),
    ]
}

fn organization_command() -> impl Strategy<Value = organization::Command> {
    let name = || word().prop_map(|word| OrganizationName::parse(&word).expect("a name"));
    prop_oneof![
        (name(), any::<bool>(), any::<bool>()).prop_map(|(name, enabled, global_access)| {
            let registration = organization::Registration { name, enabled, global_access };
            organization::Command::Register(registration)
        }),
        (of(name()), of(any::<bool>()), of(any::<bool>())).prop_map(
            |(name, enabled, global_access)| {
                let edit = organization::Edit { name, enabled, global_access };
                organization::Command::Edit(edit)
            }
        ),
        (user(), select(Role::ALL.to_vec()), select(vec![Standing::Enabled, Standing::Disabled]))
            .prop_map(|(user, role, standing)| organization::Command::Admit {
                user,
                role,
                standing
            }),
        user().prop_map(|user| organization::Command::Suspend { user }),
        user().prop_map(|user| organization::Command::Reinstate { user }),
        user().prop_map(|user| organization::Command::Dismiss { user }),
        (word(), word())
            .prop_map(|(claim, name)| organization::Command::ForfeitName { claim, name }),
    ]
}

fn invitation() -> impl Strategy<Value = InvitationId> {
    uuid().prop_map(InvitationId::new)
}

fn user_command() -> impl Strategy<Value = user::Command> {
    let registration = word().prop_map(|word| user::Command::Register {
        user_name: UserName::parse(&word).expect("a user name"),
        display_name: DisplayName::parse(&word).expect("a name"),
        email: Email::parse("a@b.example").expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    });
    prop_oneof![
        registration,
        (of(word()), of(word()), of(word()), of(select(vec!["en", "de"])), of(any::<bool>()))
            .prop_map(|(user_name, display_name, word, tag, enabled)| {
                let email = word.map(|word| format!("{word}@b.example"));
                user::Command::Edit(user::Edit {
                    user_name: user_name.map(|it| UserName::parse(&it).expect("a user name")),
                    display_name: display_name.map(|it| DisplayName::parse(&it).expect("a name")),
                    email: email.map(|it| Email::parse(&it).expect("an address")),
                    locale: tag.map(|it| Locale::parse(it).expect("a locale")),
                    enabled,
                })
            }),
        word().prop_map(|word| user::Command::SetPassword { hash: Personal::new(word) }),
        (invitation(), moment())
            .prop_map(|(invitation, until)| user::Command::Invite { invitation, until }),
        (invitation(), moment(), word()).prop_map(|(invitation, at, word)| {
            let hash = Personal::new(word);
            user::Command::AcceptInvitation { invitation, at, hash }
        }),
        (word(), word()).prop_map(|(claim, name)| user::Command::ForfeitName { claim, name }),
    ]
}

fn holder() -> impl Strategy<Value = Holder> {
    uuid().prop_map(|id| Holder::of::<Application>(&ApplicationId::new(id)))
}

fn claim_command() -> impl Strategy<Value = name_claim::Command> {
    prop_oneof![
        (holder(), moment(), of(holder())).prop_map(|(holder, at, forfeited_by)| {
            name_claim::Command::Claim { holder, at, forfeited_by }
        }),
        holder().prop_map(|holder| name_claim::Command::Release { holder }),
    ]
}

fn notification_command() -> impl Strategy<Value = notification::Command> {
    let request = (user(), prop::option::of(moment())).prop_map(|(recipient, not_before)| {
        let request = Request {
            occasion: "application_created".to_owned(),
            event: EventId::new(Uuid::nil()),
            stream: "application-a".to_owned(),
            rule: NotificationRuleId::shipped("application_created"),
            template: EmailTemplateId::shipped("oauth_application_created"),
            recipient: Recipient::User(recipient),
            about: None,
            daily: not_before.is_some(),
            test: None,
        };
        notification::Command::Request { request, not_before }
    });
    prop_oneof![
        request,
        (uuid(), moment()).prop_map(|(worker, at)| notification::Command::Attempt { worker, at }),
        (uuid(), 1..4_u32, moment()).prop_map(|(worker, attempt, at)| {
            notification::Command::Renew { worker, attempt, at }
        }),
        (1..4_u32, word()).prop_map(|(attempt, word)| notification::Command::Succeed {
            attempt,
            message_id: word.clone(),
            answer: word,
        }),
        (1..4_u32, word(), moment(), moment()).prop_map(|(attempt, reason, at, give_up)| {
            notification::Command::Fail { attempt, reason, at, chance: 7, give_up }
        }),
        (1..4_u32, word())
            .prop_map(|(attempt, reason)| notification::Command::Abandon { attempt, reason }),
        Just(notification::Command::Cancel),
        Just(notification::Command::Resend),
    ]
}

fn keyring_command() -> impl Strategy<Value = signing_key::Command> {
    let key = || PublicKey { n: "n".to_owned(), e: "AQAB".to_owned() };
    prop_oneof![
        word().prop_map(move |id| signing_key::Command::Introduce { id: KeyId(id), key: key() }),
        (word(), moment()).prop_map(move |(id, at)| {
            signing_key::Command::Replace { id: KeyId(id), key: key(), at }
        }),
    ]
}

fn installation_command() -> impl Strategy<Value = installation::Command> {
    (uuid(), word()).prop_map(|(log, key_fingerprint)| installation::Command::Found {
        log: LogId::new(log),
        key_fingerprint,
    })
}

proptest! {
    #[test]
    fn applications_fold_and_decide_alike(commands in vec(application_command(), 0..40)) {
        holds::<Application>(commands)?;
    }

    #[test]
    fn organizations_fold_and_decide_alike(commands in vec(organization_command(), 0..40)) {
        holds::<Organization>(commands)?;
    }

    #[test]
    fn users_fold_and_decide_alike(commands in vec(user_command(), 0..40)) {
        holds::<User>(commands)?;
    }

    #[test]
    fn name_claims_fold_and_decide_alike(commands in vec(claim_command(), 0..40)) {
        holds::<NameClaim>(commands)?;
    }

    #[test]
    fn notifications_fold_and_decide_alike(commands in vec(notification_command(), 0..40)) {
        holds::<Notification>(commands)?;
    }

    #[test]
    fn keyrings_fold_and_decide_alike(commands in vec(keyring_command(), 0..40)) {
        holds::<Keyring>(commands)?;
    }

    #[test]
    fn installations_fold_and_decide_alike(commands in vec(installation_command(), 0..40)) {
        holds::<Installation>(commands)?;
    }

    #[test]
    fn an_organization_that_had_an_administrator_who_can_act_keeps_one(
        commands in vec(organization_command(), 0..60),
    ) {
        let mut state = Organization::default();
        let mut had = false;
        for command in commands {
            for event in state.decide(command).unwrap_or_default() {
                state = state.evolve(event);
            }
            let has = state.registered().is_ok_and(|registered| {
                registered.members.iter().any(|(user, role)| {
                    *role == Role::Administrator && !registered.suspended.contains(user)
                })
            });
            prop_assert!(has || !had);
            had = has;
        }
    }
}
