//! Drawn portraits of doctors: a calm face that follows from the doctor's id, so that cards can be told apart at a glance. Nobody is
//! meant by them; there are no photographs. A portrait is decoration: pages give it an empty `alt`.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;

/// A UUID with hyphens.
const ID_CHARACTERS: usize = 36;

/// The address of the portrait of that id; `sex` is `f`, `m` or nothing. It never changes what it shows.
pub fn url(id: &str, sex: Option<&str>) -> String {
    format!("/assets/portraits/{id}{}.svg", sex.map(|sex| format!("-{sex}")).unwrap_or_default())
}

/// `GET /assets/portraits/{name}`: the drawing, to be kept for a month; 404 for any other name.
pub async fn get(Path(name): Path<String>) -> Response {
    let Some((id, female)) = asked(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=2592000")], svg(id, female)).into_response()
}

fn asked(name: &str) -> Option<(&str, Option<bool>)> {
    let name = name.strip_suffix(".svg")?;
    let (id, female) = match (name.get(..ID_CHARACTERS)?, name.get(ID_CHARACTERS..)?) {
        (id, "") => (id, None),
        (id, "-f") => (id, Some(true)),
        (id, "-m") => (id, Some(false)),
        _ => return None,
    };
    id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-').then_some((id, female))
}

/// Choices that follow from an id, the same in every build.
struct Choices(u64);

impl Choices {
    fn of(id: &str) -> Choices {
        // FNV-1a: stable, unlike the standard hasher.
        Choices(id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    fn one<T: Copy + Default>(&mut self, list: &[T]) -> T {
        // SplitMix64: the bits of the hash's neighbours are too alike for faces side by side.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let at = z.checked_rem(list.len() as u64).unwrap_or_default();
        list.get(usize::try_from(at).unwrap_or_default()).copied().unwrap_or_default()
    }
}

/// Ground by day and by night.
const GROUNDS: [(&str, &str); 6] = [
    ("#d9e6e1", "#2c3b36"),
    ("#e9e2d4", "#3b362b"),
    ("#dbe3ec", "#2b3440"),
    ("#ecdcd6", "#40312c"),
    ("#e0e4d3", "#343a2a"),
    ("#e4dde8", "#37303d"),
];
/// Skin and its shade.
const SKINS: [(&str, &str); 5] =
    [("#f3d3bd", "#dcae92"), ("#eec5a6", "#d2a07c"), ("#e6b78f", "#c68f66"), ("#d9a479", "#b67e54"), ("#f0cfae", "#d5aa83")];
/// Hair; the last two are grey.
const HAIR: [&str; 8] = ["#2f2622", "#473229", "#5d4030", "#7a5538", "#9a7247", "#3a3231", "#8f8a86", "#b9b4ae"];
/// Coat and what is worn under it.
const COATS: [(&str, &str); 5] =
    [("#fbfaf7", "#7fa39a"), ("#fbfaf7", "#8b9db5"), ("#5f8f86", "#4d7a72"), ("#7189a6", "#5e7590"), ("#fbfaf7", "#b98f7c")];

const LONG: &str = "M19 30C17 12 47 12 45 30l1.4 16c-2.8 4.5-7 3.6-8.4.5H26c-1.4 3.1-5.6 4-8.4-.5z";
const BOB: &str = "M19.4 29C17.5 11.5 46.5 11.5 44.6 29l.6 9.500c-1.7 3.3-4.7 3-5.7.8h-15c-1 2.2-4 2.5-5.7-.8z";
const CAP: &str = "M20.3 30C18 13 46 13 43.7 30l-1 2H21.300z";
const PARTED: &str = "M21 30c-1.2-11 4-15.5 11.5-15.500S44.2 19 43 30c-1-5-4-8.6-9.6-9.900C30.5 23.6 23.5 24.2 21 30z";
const FRINGE: &str = "M21 28.500c-1-10 3.5-14 11-14s12 4 11 14c-1-2.8-1.8-4-3-4.7-4 1-12 1-16 0-1.2.7-2 1.9-3 4.700z";
const SWEPT: &str = "M21 30c-1.5-10.5 3-15.5 11.3-15.500S44.5 19 43 30c-.6-3.6-1.7-6-3.2-7.6-5.4.5-11-.2-14.7-2.4-2 2.6-3.2 5.5-4.1 10z";
const SHORT: &str = "M21.2 28c-1.3-10 3.5-14 10.8-14s12.1 4 10.8 14l-1.3-4.600c-4.5-2.6-14.5-2.6-19 0z";
const SIDE: &str =
    "M21.2 28.500c-1.6-9 1.3-14.5 10.3-14.8 9-.2 13 4.8 11.3 14.8-.4-2.7-1.2-4.7-2.4-6-5.2.2-10.7-.8-14-3-2.6 2.6-4.3 5-5.2 9z";
const HIGH: &str =
    "M21.2 27c-1.7-9.5 2.3-14.8 10.8-14.800S44.5 17.5 42.8 27c-.6-4-2.3-6.2-4.3-7.4-3.5-1.5-9.5-1.5-13 0-2 1.2-3.7 3.4-4.3 7.400z";
const SIDES: &str = "M21.1 30c-1.4-4.5-.8-8.6 1.7-10.8.3 4-.1 7.5-.4 10.800zM42.9 30c1.4-4.5.8-8.6-1.7-10.8-.3 4 .1 7.5.4 10.800z";

/// The portrait, 64 by 64 with round corners, of about two kilobytes. `female` decides hair; `None` leaves it to the id.
pub fn svg(id: &str, female: Option<bool>) -> String {
    let mut choices = Choices::of(id);
    let either: bool = choices.one(&[true, false]);
    let female = female.unwrap_or(either);
    let (ground, night) = choices.one(&GROUNDS);
    let (skin, shade) = choices.one(&SKINS);
    let hair = if female { choices.one(&HAIR[..7]) } else { choices.one(&HAIR) };
    let (coat, under) = choices.one(&COATS);
    let style: u8 = choices.one(&[0, 1, 2, 3, 4]);
    let width: f32 = choices.one(&[10.2, 10.6, 11.0]);
    let glasses: u8 = choices.one(&[0, 0, 0, 0, 1, 2]);
    let beard: u8 = if female { 0 } else { choices.one(&[0, 0, 0, 1, 2]) };
    let (behind, before) = match (female, style) {
        (true, 0) => (LONG, PARTED),
        (true, 1) => (BOB, FRINGE),
        (true, 2) => (CAP, PARTED),
        (true, 3) => (BOB, SWEPT),
        (true, _) => (LONG, FRINGE),
        (false, 0) => ("", SHORT),
        (false, 1) => ("", SIDE),
        (false, 2) => ("", HIGH),
        (false, 3) => ("", SIDES),
        (false, _) => ("", SWEPT),
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><style>@media(prefers-color-scheme:dark){{.g{{fill:{night}}}}}</style>\
         <clipPath id=\"c\"><rect width=\"64\" height=\"64\" rx=\"14\"/></clipPath><g clip-path=\"url(#c)\"><rect class=\"g\" fill=\"{ground}\" width=\"64\" height=\"64\"/><g transform=\"translate(-5.4 -3.6) scale(1.17)\">"
    );
    // Writing into a String does not fail.
    let mut draw = |part: std::fmt::Arguments<'_>| {
        let _written = out.write_fmt(part);
    };
    if female && style == 2 {
        draw(format_args!("<circle cx=\"32\" cy=\"12\" r=\"5.4\" fill=\"{hair}\"/>"));
    }
    draw(format_args!("<path fill=\"{hair}\" d=\"{behind}\"/>"));
    draw(format_args!("<path fill=\"{shade}\" d=\"M27.5 35h9v11.500L32 51l-4.5-4.500z\"/>"));
    draw(format_args!("<path fill=\"{under}\" d=\"M25.5 46 32 53l6.5-7L42 66H22z\"/>"));
    draw(format_args!("<path fill=\"{coat}\" d=\"M6.5 66c0-13 8-17.5 20-21L32 66zM57.5 66c0-13-8-17.5-20-21L32 66z\"/>"));
    draw(format_args!(
        "<path fill=\"none\" stroke=\"#000\" stroke-opacity=\".13\" stroke-width=\"1.1\" stroke-linejoin=\"round\" d=\"M26.5 45 22.3 52l3.7 1.200L32 65l6-11.8 3.7-1.2-4.2-7\"/>"
    ));
    draw(format_args!("<path fill=\"{shade}\" d=\"M20.6 28.500a2.3 2.8 0 1 0 1.5 5.200zM43.4 28.500a2.3 2.8 0 1 1-1.5 5.200z\"/>"));
    draw(format_args!("<ellipse cx=\"32\" cy=\"29\" rx=\"{width}\" ry=\"12.6\" fill=\"{skin}\"/>"));
    if beard == 1 {
        draw(format_args!(
            "<path fill=\"{hair}\" fill-opacity=\".9\" d=\"M21.6 30.500c.6 7.5 4.4 12 10.4 12s9.8-4.5 10.4-12c-1.2 2.6-2.4 3.6-4.9 3.3-2.5-.7-8.5-.7-11 0-2.5.3-3.7-.7-4.9-3.300z\"/>"
        ));
    } else if beard == 2 {
        draw(format_args!("<path fill=\"{hair}\" fill-opacity=\".85\" d=\"M27.4 34.600c2-1.7 7.2-1.7 9.2 0-1.7.6-7.5.6-9.2 0z\"/>"));
    }
    draw(format_args!("<path fill=\"{hair}\" d=\"{before}\"/>"));
    draw(format_args!(
        "<g fill=\"#2b2523\"><circle cx=\"27.6\" cy=\"29.4\" r=\"1.150\"/><circle cx=\"36.4\" cy=\"29.4\" r=\"1.150\"/></g>"
    ));
    draw(format_args!(
        "<g fill=\"none\" stroke-linecap=\"round\"><path stroke=\"{hair}\" stroke-opacity=\".75\" stroke-width=\".9\" d=\"M25.9 26.700q1.7-.9 3.3-.2M38.1 26.700q-1.7-.9-3.3-.2\"/>"
    ));
    draw(format_args!("<path stroke=\"{shade}\" stroke-width=\"1\" d=\"M32.2 30.600q-1 2.2.5 2.5\"/>"));
    let mouth = if beard == 1 { "#8a4b41" } else { "#a85f50" };
    draw(format_args!("<path stroke=\"{mouth}\" stroke-width=\"1.150\" d=\"M29 36.200q3 1.9 6 0\"/></g>"));
    match glasses {
        1 => draw(format_args!(
            "<g fill=\"none\" stroke=\"#3c3a38\" stroke-width=\".8\"><circle cx=\"27.6\" cy=\"29.5\" r=\"3.3\"/><circle cx=\"36.4\" cy=\"29.5\" r=\"3.3\"/><path d=\"M30.9 29.200q1.1-.6 2.2 0\"/></g>"
        )),
        2 => draw(format_args!(
            "<g fill=\"none\" stroke=\"#6b4f3c\" stroke-width=\".8\"><rect x=\"23.9\" y=\"27\" width=\"7\" height=\"5\" rx=\"1.8\"/><rect x=\"33.1\" y=\"27\" width=\"7\" height=\"5\" rx=\"1.8\"/><path d=\"M30.9 29h2.2\"/></g>"
        )),
        _ => {}
    }
    out.push_str("</g></g></svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn id(number: u64) -> String {
        format!("{:08x}-0000-8000-8000-{number:012x}", number.wrapping_mul(2_654_435_761) % 0xffff_ffff)
    }

    #[test]
    fn a_portrait_is_always_the_same_and_most_differ() {
        assert_eq!(svg(&id(1), Some(true)), svg(&id(1), Some(true)));
        let all: HashSet<String> = (0..500).map(|number| svg(&id(number), Some(number % 2 == 0))).collect();
        assert!(all.len() > 450, "{}", all.len());
        assert!(all.iter().all(|drawing| drawing.len() < 4_000 && !drawing.contains("<script")));
    }

    #[test]
    fn only_an_id_has_one() {
        let known = id(7);
        assert_eq!(asked(&format!("{known}-f.svg")), Some((known.as_str(), Some(true))));
        assert_eq!(asked(&format!("{known}.svg")), Some((known.as_str(), None)));
        for wrong in
            ["", "x.svg", "site.css", &format!("{known}-q.svg"), &format!("{known}-f"), &format!("{}.svg", known.replace('0', "<"))]
        {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
    }
}
