//! Long texts (policy, consent) as blocks that templates can print: a small part of Markdown, nothing else.

/// One block of a long text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `## Heading {#4}`.
    Heading {
        /// 1..=4.
        level: u8,
        /// The anchor, without `#`.
        anchor: Option<String>,
        /// Its words.
        text: String,
    },
    /// A paragraph; `{#4.2}` at its end or beginning becomes its anchor.
    Paragraph {
        /// The anchor, without `#`.
        anchor: Option<String>,
        /// Its words.
        text: String,
    },
    /// `- one` lines.
    List(Vec<String>),
    /// `> plain words`: the summary that stands beside the exact words; lines are joined.
    Aside(String),
}

impl Block {
    /// The level of a heading, moved down by `down` so that it fits under a page's own heading (at most 6); `None` for others.
    pub fn level(&self, down: u8) -> Option<u8> {
        match self {
            Block::Heading { level, .. } => Some(level.saturating_add(down).min(6)),
            _ => None,
        }
    }

    /// The anchor of a heading or a paragraph.
    pub fn anchor(&self) -> Option<&str> {
        match self {
            Block::Heading { anchor, .. } | Block::Paragraph { anchor, .. } => anchor.as_deref(),
            Block::List(_) | Block::Aside(_) => None,
        }
    }

    /// Whether this is a summary beside the exact words.
    pub fn aside(&self) -> bool {
        matches!(self, Block::Aside(_))
    }

    /// The words of a heading, a paragraph or a summary; empty for a list.
    pub fn text(&self) -> &str {
        match self {
            Block::Heading { text, .. } | Block::Paragraph { text, .. } | Block::Aside(text) => text,
            Block::List(_) => "",
        }
    }

    /// The lines of a list; empty for others.
    pub fn items(&self) -> &[String] {
        match self {
            Block::List(items) => items,
            _ => &[],
        }
    }
}

/// The block that the next line may still belong to.
enum Open {
    Nothing,
    Paragraph(String),
    List(Vec<String>),
    Aside(String),
}

impl Open {
    fn close(&mut self, blocks: &mut Vec<Block>) {
        match std::mem::replace(self, Open::Nothing) {
            Open::Nothing => {}
            Open::Paragraph(words) => {
                let (text, anchor) = anchored(&words);
                blocks.push(Block::Paragraph { anchor, text });
            }
            Open::List(items) => blocks.push(Block::List(items.iter().map(|item| plain(item)).collect())),
            Open::Aside(words) => blocks.push(Block::Aside(plain(&words))),
        }
    }
}

/// Reads headings, paragraphs, lists and summaries with their `{#anchor}`. Lines of one block are joined; emphasis marks are
/// dropped.
pub fn parse(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = Open::Nothing;
    for line in markdown.lines().map(str::trim) {
        let hashes = line.chars().take_while(|c| *c == '#').count();
        if line.is_empty() {
            open.close(&mut blocks);
        } else if hashes > 0 && line.chars().nth(hashes) == Some(' ') {
            open.close(&mut blocks);
            let (text, anchor) = anchored(line.get(hashes..).unwrap_or_default());
            blocks.push(Block::Heading { level: u8::try_from(hashes.min(4)).unwrap_or(4), anchor, text });
        } else if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            if let Open::List(items) = &mut open {
                items.push(item.to_owned());
            } else {
                open.close(&mut blocks);
                open = Open::List(vec![item.to_owned()]);
            }
        } else if let Some(words) = line.strip_prefix('>').map(str::trim) {
            if let Open::Aside(said) = &mut open {
                said.push(' ');
                said.push_str(words);
            } else {
                open.close(&mut blocks);
                open = Open::Aside(words.to_owned());
            }
        } else {
            match &mut open {
                Open::Nothing => open = Open::Paragraph(line.to_owned()),
                Open::Paragraph(words) | Open::Aside(words) => {
                    words.push(' ');
                    words.push_str(line);
                }
                Open::List(items) => {
                    if let Some(last) = items.last_mut() {
                        last.push(' ');
                        last.push_str(line);
                    }
                }
            }
        }
    }
    open.close(&mut blocks);
    blocks
}

fn plain(text: &str) -> String {
    text.trim().replace("**", "").replace('`', "")
}

fn anchored(text: &str) -> (String, Option<String>) {
    if let Some((before, rest)) = text.split_once("{#")
        && let Some((anchor, after)) = rest.split_once('}')
    {
        return (plain(&format!("{} {}", before.trim(), after.trim())), Some(anchor.to_owned()));
    }
    (plain(text), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_stands_apart_from_the_words_it_sums_up() {
        let blocks = parse("## 1. One {#1}\n> Plain\n> words.\n\n**1.1.** Exact. {#1.1}");
        assert_eq!(blocks[1], Block::Aside("Plain words.".into()));
        assert_eq!(blocks[2], Block::Paragraph { anchor: Some("1.1".into()), text: "1.1. Exact.".into() });
    }

    #[test]
    fn anchors_lists_and_joined_lines_are_read() {
        let blocks = parse("# Policy\n\n## 4. Transfer {#4}\n\n4.1. First\nline {#4.1}\n- one\n  more\n- two\n\nEnd **bold**.");
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks[1], Block::Heading { level: 2, anchor: Some("4".into()), text: "4. Transfer".into() });
        assert_eq!(blocks[2], Block::Paragraph { anchor: Some("4.1".into()), text: "4.1. First line".into() });
        assert_eq!(blocks[3], Block::List(vec!["one more".into(), "two".into()]));
        assert_eq!(blocks[4], Block::Paragraph { anchor: None, text: "End bold.".into() });
    }
}
