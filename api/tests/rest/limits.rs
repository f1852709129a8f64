//! Requests per application.

use std::time::Duration;

use api::app::RateLimit;

use crate::{
    desk::{APPLICATIONS, Desk, code},
    support::Wishes,
};

async fn desk() -> Desk {
    let rate_limit = RateLimit { rate: 2, burst: 3 };
    Desk::with(Wishes { rate_limit, ..Wishes::default() }).await
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_ask_again() {
    let desk = desk().await;
    let program = desk.program(&["applications:read"]).await;
    for left in ["2", "1", "0"] {
        let answer = program.get(APPLICATIONS).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"api\";q=3;w=2"));
        let limit = answer.header("ratelimit").expect("a limit");
        assert!(limit.starts_with(&format!("\"api\";r={left};t=")), "{limit}");
    }
    let answer = program.get(APPLICATIONS).await;
    assert_eq!(code(&answer), (429, "too_many_requests".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    desk.clock.advance(Duration::from_millis(500));
    desk.settle().await;
    assert_eq!(program.get(APPLICATIONS).await.status, 200);
}

#[tokio::test]
async fn another_token_of_the_same_application_gains_nothing() {
    let desk = desk().await;
    let mut program = desk.program(&["applications:read"]).await;
    for _ in 0..3 {
        assert_eq!(program.get(APPLICATIONS).await.status, 200);
        program.token = desk.token(&program.created).await;
    }
    assert_eq!(program.get(APPLICATIONS).await.status, 429);
}

#[tokio::test]
async fn an_answer_without_a_token_tells_no_limits() {
    let desk = desk().await;
    for _ in 0..5 {
        let answer = desk.get(APPLICATIONS).await;
        assert_eq!((answer.status.as_u16(), answer.header("ratelimit")), (401, None));
    }
}
