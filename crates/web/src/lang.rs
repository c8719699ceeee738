//! Which language a reader gets when the address does not say so.

use crate::Lang;

/// The best of our languages for an `Accept-Language` header: highest weight first, then the order in the header.
/// Russian when nothing fits: it is read in every city served.
pub fn choose(accept_language: Option<&str>) -> Lang {
    let mut best: Option<(Lang, f32)> = None;
    for part in accept_language.unwrap_or_default().split(',') {
        let mut pieces = part.split(';');
        let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")).map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let Ok(lang) = tag.split('-').next().unwrap_or_default().parse::<Lang>() else {
            continue;
        };
        if weight > 0.0 && best.is_none_or(|(_, held)| weight > held) {
            best = Some((lang, weight));
        }
    }
    best.map_or(Lang::Ru, |(lang, _)| lang)
}

/// The language in which a program's request with this query and these headers is answered: `lang=kk|ru|en`, else `Accept-Language`, else
/// Russian.
pub fn of_program(query: Option<&str>, headers: &axum::http::HeaderMap) -> Lang {
    let code = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("lang="));
    let accepted = headers.get(axum::http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    code.and_then(|code| code.to_ascii_lowercase().parse().ok()).unwrap_or_else(|| choose(accepted))
}

/// See [`of_program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader(pub Lang);

impl<S: Sync> axum::extract::FromRequestParts<S> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Reader(of_program(parts.uri.query(), &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(choose(Some("de, en-GB;q=0.7, kk;q=0.9")), Lang::Kk);
        assert_eq!(choose(Some("en-US,en;q=0.5")), Lang::En);
        assert_eq!(choose(Some("kk;q=0")), Lang::Ru);
        assert_eq!(choose(None), Lang::Ru);
    }
}
