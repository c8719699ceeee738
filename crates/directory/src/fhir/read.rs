//! Elements of a resource, read with care: wrong types, texts too long and control characters are faults with the element's name.

use clock::jiff::civil::Date;
use serde_json::Value;

use super::{BASE, TRANSLATION};
use crate::catalogue::{Lang, Names};

/// What is wrong with an element, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The element: `address.city`. Empty when it is the resource as a whole.
    pub(crate) field: String,
    /// Why, and what to do.
    pub(crate) why: String,
}

impl Fault {
    pub(crate) fn new(field: impl Into<String>, why: impl Into<String>) -> Fault {
        Fault { field: field.into(), why: why.into() }
    }
}

/// Entries of one list at most.
const ITEMS_MAX: usize = 20_000;

/// A text, trimmed; `None` when it is absent or empty.
pub(super) fn string(parent: &Value, field: &str, max: usize) -> Result<Option<String>, Fault> {
    match parent.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => clean(text, field, max).map(|text| Some(text).filter(|text| !text.is_empty())),
        Some(_) => Err(Fault::new(field, "not a text; write it in double quotes")),
    }
}

fn clean(text: &str, field: &str, max: usize) -> Result<String, Fault> {
    // Line breaks may stand in descriptions; other control characters, in a name or a link, are an accident or worse.
    if text
        .chars()
        .any(|c| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    {
        return Err(Fault::new(field, "a control character; remove it"));
    }
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Fault::new(field, format!("more than {max} characters; shorten the text")));
    }
    Ok(text.to_owned())
}

/// A list; empty when absent.
pub(super) fn items<'v>(parent: &'v Value, field: &str) -> Result<&'v [Value], Fault> {
    match parent.get(field) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) if items.len() > ITEMS_MAX => Err(Fault::new(field, "more than 20000 entries; split the resource")),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Fault::new(field, "not a list; write it in square brackets")),
    }
}

/// A whole number inside `range`; `None` when absent.
pub(super) fn whole(parent: &Value, field: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Fault> {
    match parent.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| Fault::new(field, format!("not a whole number from {} to {}; correct it", range.start(), range.end()))),
    }
}

/// Degrees within `bound` on either side of zero.
pub(super) fn degrees(parent: &Value, field: &str, bound: f64) -> Result<Option<f64>, Fault> {
    match parent.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_f64()
            .filter(|degrees| degrees.abs() <= bound)
            .map(Some)
            .ok_or_else(|| Fault::new(field, format!("not a number of degrees within {bound}; correct it"))),
    }
}

/// A date.
pub(super) fn date(text: &str, field: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::new(field, "not a date; write it as 2026-12-31"))
}

/// A text with its translations; a language that is not given is shown as the text itself. `None` when absent.
pub(super) fn names(parent: &Value, field: &str, max: usize) -> Result<Option<Names>, Fault> {
    let Some(base) = string(parent, field, max)? else { return Ok(None) };
    let hidden = parent.get(format!("_{field}")).unwrap_or(&Value::Null);
    let mut names = Names { kk: base.clone(), ru: base.clone(), en: base };
    for translation in items(hidden, "extension")? {
        if translation["url"] != TRANSLATION {
            continue;
        }
        let part = |name: &str| items(translation, "extension").map(|parts| parts.iter().find(|part| part["url"] == name));
        let (lang, content) = (part("lang")?, part("content")?);
        let lang =
            lang.and_then(|lang| lang["valueCode"].as_str()).and_then(|code| code.split('-').next()).and_then(|code| code.parse().ok());
        let Some(content) = content.map(|content| string(content, "valueString", max)).transpose()?.flatten() else { continue };
        match lang {
            Some(Lang::Kk) => names.kk = content,
            Some(Lang::Ru) => names.ru = content,
            Some(Lang::En) => names.en = content,
            None => {}
        }
    }
    Ok(Some(names))
}

/// The extensions of ours with that name.
pub(super) fn extensions<'v>(parent: &'v Value, name: &str) -> Result<Vec<&'v Value>, Fault> {
    let ours = |url: &str| url.strip_prefix(BASE) == Some(name);
    Ok(items(parent, "extension")?.iter().filter(|extension| extension["url"].as_str().is_some_and(ours)).collect())
}

/// The first extension of ours with that name.
pub(super) fn extension<'v>(parent: &'v Value, name: &str) -> Result<Option<&'v Value>, Fault> {
    Ok(extensions(parent, name)?.into_iter().next())
}

/// The first extension, of whomever, whose address ends in that name: the specification moved its addresses once.
pub(super) fn extension_ending<'v>(parent: &'v Value, name: &str) -> Result<Option<&'v Value>, Fault> {
    Ok(items(parent, "extension")?
        .iter()
        .find(|extension| extension["url"].as_str().is_some_and(|url| url.rsplit('/').next() == Some(name))))
}

/// The part of a complex extension.
pub(super) fn part<'v>(extension: &'v Value, name: &str) -> Result<Option<&'v Value>, Fault> {
    Ok(items(extension, "extension")?.iter().find(|part| part["url"] == name))
}

/// Type and id that a reference names: `Location/1`, also at the end of an address. `None` when absent.
pub(super) fn reference(parent: &Value, field: &str) -> Result<Option<(String, String)>, Fault> {
    match parent.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => target(value, field).map(Some),
    }
}

/// Type and id of a Reference.
pub(super) fn target(reference: &Value, field: &str) -> Result<(String, String), Fault> {
    let wrong = || Fault::new(format!("{field}.reference"), "not a reference; write it as Location/1");
    let text = string(reference, "reference", 300)?.ok_or_else(wrong)?;
    let mut parts = text.split("/_history").next().unwrap_or_default().rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(id), Some(kind)) if !id.is_empty() && !kind.is_empty() => Ok((kind.to_owned(), id.to_owned())),
        _ => Err(wrong()),
    }
}

/// Minutes since midnight of a FHIR `time`; the last second of a day is its end.
pub(super) fn minute(parent: &Value, field: &str) -> Result<i64, Fault> {
    let text = string(parent, field, 20)?.unwrap_or_default();
    if text == super::out::DAY_END {
        return Ok(1440);
    }
    let mut parts = text.split(':').map(str::parse::<i64>);
    match (parts.next(), parts.next()) {
        (Some(Ok(hour)), Some(Ok(minute))) if (0..24).contains(&hour) && (0..60).contains(&minute) && minute % 5 == 0 => {
            Ok(hour * 60 + minute)
        }
        _ => Err(Fault::new(field, "not a time in steps of 5 minutes; write it as 09:30:00")),
    }
}
