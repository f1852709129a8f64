//! Selections of the grid that people keep under a name.

use std::sync::Arc;

use super::given::{at, organization, user, uuid};
use crate::{
    State,
    saved_views::{Keeping, PRIVATE, SHARED, SavedView, SavedViewId, SavedViewName, Sharing},
};

/// A view of the first user in the first organization.
fn view(number: u128, name: &str) -> SavedView {
    SavedView {
        id: SavedViewId::new(uuid(number)),
        owner: user(1),
        organization: organization(1),
        name: SavedViewName::parse(name).expect("a name"),
        sharing: Sharing::Private,
        query: "name=sync&sort=-last_used".to_owned(),
        changed_at: at(5),
    }
}

async fn keep(state: &dyn State, view: &SavedView) -> Keeping {
    state.keep_saved_view(view).await.expect("state answers")
}

/// The names of the views that a user may open in the first organization.
async fn names(state: &dyn State, number: u128) -> Vec<String> {
    let views = state.saved_views(user(number), organization(1)).await.expect("state answers");
    views.into_iter().map(|view| view.name.to_string()).collect()
}

pub async fn a_saved_view_comes_back_as_it_was_kept(state: Arc<dyn State>) {
    let shared = SavedView { sharing: Sharing::Organization, ..view(1, "Łódź “🔑”") };
    assert_eq!(keep(&*state, &shared).await, Keeping::Kept);
    assert_eq!(state.saved_view(shared.id).await.expect("state answers"), Some(shared.clone()));
    let changed = SavedView { query: String::new(), changed_at: at(9), ..view(1, "Another name") };
    assert_eq!(keep(&*state, &changed).await, Keeping::Kept);
    assert_eq!(state.saved_view(shared.id).await.expect("state answers"), Some(changed));
    let unknown = SavedViewId::new(uuid(2));
    assert_eq!(state.saved_view(unknown).await.expect("state answers"), None);
}

pub async fn a_person_sees_their_own_views_and_those_shared_with_the_organization(
    state: Arc<dyn State>,
) {
    let elsewhere = SavedView { organization: organization(2), ..view(1, "Elsewhere") };
    let shared = SavedView { sharing: Sharing::Organization, ..view(2, "shared") };
    let colleagues = SavedView { owner: user(2), ..view(3, "Colleague’s") };
    for view in [&elsewhere, &view(4, "Zebra"), &shared, &colleagues, &view(5, "alpha")] {
        assert_eq!(keep(&*state, view).await, Keeping::Kept);
    }
    assert_eq!(names(&*state, 1).await, ["alpha", "shared", "Zebra"]);
    assert_eq!(names(&*state, 2).await, ["Colleague’s", "shared"]);
    assert_eq!(names(&*state, 3).await, ["shared"]);
}

pub async fn an_owner_has_a_name_of_a_view_once(state: Arc<dyn State>) {
    assert_eq!(keep(&*state, &view(1, "Idle")).await, Keeping::Kept);
    assert_eq!(keep(&*state, &view(2, "iDLE")).await, Keeping::NameTaken);
    assert_eq!(keep(&*state, &view(2, "Busy")).await, Keeping::Kept);
    assert_eq!(keep(&*state, &view(2, "IDLE")).await, Keeping::NameTaken);
    let others = [
        SavedView { owner: user(2), ..view(3, "Idle") },
        SavedView { organization: organization(2), ..view(4, "Idle") },
    ];
    for other in &others {
        assert_eq!(keep(&*state, other).await, Keeping::Kept);
    }
    assert_eq!(names(&*state, 1).await, ["Busy", "Idle"]);
}

pub async fn an_owner_has_a_bounded_number_of_private_views(state: Arc<dyn State>) {
    for number in 0..PRIVATE.into() {
        let kept = keep(&*state, &view(number, &format!("View {number}"))).await;
        assert_eq!(kept, Keeping::Kept);
    }
    assert_eq!(keep(&*state, &view(1000, "One more")).await, Keeping::TooMany);
    assert_eq!(keep(&*state, &view(7, "Renamed")).await, Keeping::Kept, "it was there before");
    let shared = SavedView { sharing: Sharing::Organization, ..view(1001, "Shared") };
    let others = [
        SavedView { owner: user(2), ..view(1002, "Of another") },
        SavedView { organization: organization(2), ..view(1003, "Elsewhere") },
        shared.clone(),
    ];
    for other in &others {
        assert_eq!(keep(&*state, other).await, Keeping::Kept);
    }
    let withdrawn = SavedView { sharing: Sharing::Private, ..shared };
    assert_eq!(keep(&*state, &withdrawn).await, Keeping::TooMany);
    state.forget_saved_view(view(7, "Renamed").id, user(1)).await.expect("state answers");
    assert_eq!(keep(&*state, &withdrawn).await, Keeping::Kept);
}

pub async fn an_organization_has_a_bounded_number_of_shared_views(state: Arc<dyn State>) {
    let shared = |number: u128, owner: u128| SavedView {
        owner: user(owner),
        sharing: Sharing::Organization,
        ..view(number, &format!("View {number}"))
    };
    for number in 0..SHARED.into() {
        assert_eq!(keep(&*state, &shared(number, number % 3)).await, Keeping::Kept);
    }
    assert_eq!(keep(&*state, &shared(1000, 4)).await, Keeping::TooMany);
    let private = SavedView { sharing: Sharing::Private, ..shared(1000, 4) };
    assert_eq!(keep(&*state, &private).await, Keeping::Kept);
    assert_eq!(keep(&*state, &shared(1000, 4)).await, Keeping::TooMany);
    let renamed = SavedView { query: "name=x".to_owned(), ..shared(7, 1) };
    assert_eq!(keep(&*state, &renamed).await, Keeping::Kept, "it was there before");
    let elsewhere = SavedView { organization: organization(2), ..shared(1001, 4) };
    assert_eq!(keep(&*state, &elsewhere).await, Keeping::Kept);
}

pub async fn a_shared_view_is_taken_away_from_its_organization_and_a_private_one_is_not(
    state: Arc<dyn State>,
) {
    let shared = SavedView { sharing: Sharing::Organization, ..view(1, "Shared") };
    let private = view(2, "Private");
    for view in [&shared, &private] {
        keep(&*state, view).await;
        let set = state.set_default_view(user(1), organization(1), Some(view.id)).await;
        set.expect("state answers");
    }
    for (id, of) in [(shared.id, 2), (private.id, 1)] {
        state.forget_shared_view(id, organization(of)).await.expect("state answers");
    }
    assert_eq!(state.saved_view(shared.id).await.expect("state answers"), Some(shared.clone()));
    assert_eq!(state.saved_view(private.id).await.expect("state answers"), Some(private.clone()));
    let default = state.default_view(user(1), organization(1)).await.expect("state answers");
    assert_eq!(default, Some(private.id));
    let set = state.set_default_view(user(2), organization(1), Some(shared.id)).await;
    set.expect("state answers");
    state.forget_shared_view(shared.id, organization(1)).await.expect("state answers");
    assert_eq!(state.saved_view(shared.id).await.expect("state answers"), None);
    let default = state.default_view(user(2), organization(1)).await.expect("state answers");
    assert_eq!(default, None);
}

pub async fn a_view_is_changed_and_forgotten_by_its_owner_only(state: Arc<dyn State>) {
    let shared = SavedView { sharing: Sharing::Organization, ..view(1, "Shared") };
    keep(&*state, &shared).await;
    state.forget_saved_view(shared.id, user(2)).await.expect("state answers");
    assert_eq!(state.saved_view(shared.id).await.expect("state answers"), Some(shared.clone()));
    state.forget_saved_view(shared.id, user(1)).await.expect("state answers");
    assert_eq!(state.saved_view(shared.id).await.expect("state answers"), None);
    state.forget_saved_view(shared.id, user(1)).await.expect("nothing happens");
}

pub async fn a_person_has_one_default_view_per_organization(state: Arc<dyn State>) {
    let of = async |person: u128, in_: u128| {
        state.default_view(user(person), organization(in_)).await.expect("state answers")
    };
    let set = async |person: u128, in_: u128, view: Option<u128>| {
        let view = view.map(|number| SavedViewId::new(uuid(number)));
        let set = state.set_default_view(user(person), organization(in_), view).await;
        set.expect("state answers");
    };
    assert_eq!(of(1, 1).await, None);
    set(1, 1, Some(1)).await;
    set(1, 2, Some(2)).await;
    set(2, 1, Some(3)).await;
    set(1, 1, Some(4)).await;
    assert_eq!(of(1, 1).await, Some(SavedViewId::new(uuid(4))));
    assert_eq!(of(1, 2).await, Some(SavedViewId::new(uuid(2))));
    assert_eq!(of(2, 1).await, Some(SavedViewId::new(uuid(3))));
    set(1, 1, None).await;
    assert_eq!(of(1, 1).await, None);
}

pub async fn a_forgotten_view_is_nobodys_default(state: Arc<dyn State>) {
    let shared = SavedView { sharing: Sharing::Organization, ..view(1, "Shared") };
    keep(&*state, &shared).await;
    for number in [1, 2] {
        let set = state.set_default_view(user(number), organization(1), Some(shared.id)).await;
        set.expect("state answers");
    }
    state.forget_saved_view(shared.id, user(1)).await.expect("state answers");
    for number in [1, 2] {
        let default = state.default_view(user(number), organization(1)).await;
        assert_eq!(default.expect("state answers"), None);
    }
}
