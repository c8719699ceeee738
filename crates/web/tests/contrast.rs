//! Every pair of text and ground that the style sheet uses stands out by 4.5:1 or more, in light and in dark; the edges of
//! fields by 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../assets/site.css");

const TEXT: &[(&str, &[&str])] = &[
    (
        "ink",
        &["paper", "raised", "sunk", "accent-soft", "amber-soft", "red-soft", "tone-0", "tone-1", "tone-2", "tone-3", "tone-4", "tone-5"],
    ),
    ("quiet", &["paper", "raised", "sunk"]),
    ("accent", &["paper", "raised", "sunk", "accent-soft"]),
    ("accent-deep", &["paper", "accent-soft"]),
    ("on-accent", &["accent", "accent-deep"]),
    ("amber", &["paper", "amber-soft"]),
    ("red", &["paper", "raised", "red-soft"]),
    ("on-red", &["red"]),
    ("paper", &["ink"]),
];
const EDGES: &[(&str, &[&str])] = &[("edge", &["paper", "raised", "sunk"]), ("accent", &["paper", "raised"]), ("red", &["paper"])];

/// The tokens of one `:root` block: lightness, chroma, hue.
fn tokens(block: &str) -> BTreeMap<String, [f64; 3]> {
    let mut tokens = BTreeMap::new();
    for line in block.lines() {
        let Some((name, value)) = line.trim().strip_prefix("--").and_then(|line| line.split_once(": oklch(")) else {
            continue;
        };
        let numbers: Vec<f64> = value.trim_end_matches(");").split_whitespace().map(|number| number.parse().unwrap()).collect();
        tokens.insert(name.to_owned(), [numbers[0], numbers[1], numbers[2]]);
    }
    tokens
}

/// Relative luminance of a colour in oklch, clipped to sRGB.
fn luminance([lightness, chroma, hue]: [f64; 3]) -> f64 {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_stands_out_from_its_ground() {
    let (light, rest) = SHEET.split_once("@media screen and (prefers-color-scheme: dark)").unwrap();
    let dark = rest.split_once("@layer").unwrap().0;
    let mut faint = Vec::new();
    for (scheme, block) in [("light", light), ("dark", dark)] {
        let tokens = tokens(block);
        for (pairs, least) in [(TEXT, 4.5), (EDGES, 3.0)] {
            for (text, grounds) in pairs {
                for ground in *grounds {
                    let found = contrast(tokens[*text], tokens[*ground]);
                    if found < least {
                        faint.push(format!("{scheme}: {text} on {ground} {found:.2}"));
                    }
                }
            }
        }
    }
    assert_eq!(faint, Vec::<String>::new());
}
