//! Security events: who came in, who tried to, who changed who may do what.

use access::{Session, StaffId};
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use db::DbError;
use privacy::audit;
use web::html;

use super::{Door, event_text, failed, lang_of, moment, name_of, zone};
use crate::views::{EventLine, Events};

pub(super) async fn page(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    let lang = lang_of(&lang);
    let read = door.world.db.read("security events", |tx| {
        Box::pin(async move { Ok::<_, DbError>((audit::security_entries(tx).await?, access::list_staff(tx).await?)) })
    });
    let ([known, nobody], staff) = match read.await {
        Ok(read) => read,
        Err(fault) => return failed(&door, lang, &fault),
    };
    let (texts, now) = (door.texts(lang), door.now());
    let zone = zone(&door.world.catalogue(), session.staff.clinic);
    let line = |entry: &audit::Written<'_>| {
        let by = entry.asker.strip_prefix("staff:").and_then(|id| id.parse::<StaffId>().ok());
        let about = entry.object.map(|id| StaffId(db::reexport::Uuid::from_bytes(id)));
        EventLine {
            when: moment(lang, &zone, entry.at, now),
            what: event_text(&texts, &entry.outcome),
            by: match by {
                Some(id) => name_of(&staff, id).unwrap_or_else(|| texts.s("staff-by-former")),
                None if entry.asker == "console" => texts.s("staff-by-console"),
                None => texts.s("staff-by-nobody"),
            },
            about: about.filter(|about| Some(*about) != by).and_then(|id| name_of(&staff, id)),
        }
    };
    html::personal(&Events {
        page: door.page(lang, "/staff/events"),
        frame: door.frame(lang, "/staff/events", &session),
        lines: known.iter().map(line).collect(),
        tried: nobody.iter().map(line).collect(),
    })
}
