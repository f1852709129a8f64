//! The filtered rows as a file, streamed: the memory it takes does not grow with the rows.

mod csv;
mod rows;

use std::convert::Infallible;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::authority::Belonging;
use futures::{StreamExt, stream};
use projections::register::{Entry, Filter};
use time::{OffsetDateTime, macros::format_description};
use tracing::info;

use self::rows::Exported;
use super::{Wanted, column::Sort};
use crate::{
    app::App,
    web::{errors::Problem, session::SignedIn},
};

pub(super) fn router() -> Router<App> {
    Router::new().route("/applications/export", get(export))
}

/// Rows that become one piece of the answer.
const AT_ONCE: usize = 250;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    /// One JSON object per line.
    JsonLines,
}

impl Format {
    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    fn head(self) -> String {
        match self {
            Self::Csv => csv::line(Exported::COLUMNS.iter().map(ToString::to_string)),
            Self::JsonLines => String::new(),
        }
    }

    fn line(self, entry: &Entry) -> String {
        let row = Exported::of(entry);
        match self {
            Self::Csv => csv::line(row.cells()),
            Self::JsonLines => row.json(),
        }
    }
}

async fn export(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let format = match pairs.find(|(name, _)| name == "format").as_ref().map(|(_, it)| &**it) {
        None | Some("csv") => Format::Csv,
        Some("jsonl") => Format::JsonLines,
        Some(_) => return Err(Problem::NotFound),
    };
    let wanted = Wanted::read(&query);
    let filters = wanted.filters.asked(app.commands.clock.now());
    Ok(answer(&app, &caller, format, &filters, wanted.sort))
}

/// What matches, of what the person may see.
pub(super) fn answer(
    app: &App,
    caller: &SignedIn,
    format: Format,
    filters: &[Filter],
    sort: Sort,
) -> Response {
    let reach = caller.member.reach();
    info!(user.id = %caller.member.user, export.format = format.ending(), "Exported applications");
    let parts = app.knowledge.export(reach, filters, sort.asked());
    // It may have changed hands since it was decided what matches.
    let visible = move |entry: &Entry| {
        let Entry { row, .. } = entry;
        reach.covers(Belonging { organization: row.organization, owner: row.owner })
    };
    let text = move |entries: Vec<Entry>| {
        let pieces: Vec<_> = entries
            .chunks(AT_ONCE)
            .map(|chunk| {
                let rows = chunk.iter().filter(|entry| visible(entry));
                let text: String = rows.map(|entry| format.line(entry)).collect();
                Ok::<_, Infallible>(Bytes::from(text))
            })
            .collect();
        stream::iter(pieces)
    };
    let head = stream::iter([Ok(Bytes::from(format.head()))]);
    let body = Body::from_stream(head.chain(stream::iter(parts).flat_map(text)));
    let day = OffsetDateTime::from(app.commands.clock.now());
    let day = day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default();
    let name = format!("attachment; filename=\"oauth-applications-{day}.{}\"", format.ending());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    (StatusCode::OK, headers, body).into_response()
}
