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

/// Reads headings, paragraphs and lists with their `{#anchor}`. Lines of one paragraph are joined; emphasis marks are dropped.
pub fn parse(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    let mut list: Vec<String> = Vec::new();
    for line in markdown.lines().chain(std::iter::once("")) {
        let line = line.trim();
        let hashes = line.chars().take_while(|c| *c == '#').count();
        let heading = hashes > 0 && line.chars().nth(hashes) == Some(' ');
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        if (line.is_empty() || heading || item.is_some()) && !paragraph.is_empty() {
            let (text, anchor) = anchored(&paragraph);
            blocks.push(Block::Paragraph { anchor, text });
            paragraph.clear();
        }
        if let Some(item) = item {
            list.push(plain(item));
            continue;
        }
        if !line.is_empty()
            && !heading
            && let Some(last) = list.last_mut()
        {
            last.push(' ');
            last.push_str(&plain(line));
            continue;
        }
        if !list.is_empty() {
            blocks.push(Block::List(std::mem::take(&mut list)));
        }
        if heading {
            let (text, anchor) = anchored(line.get(hashes..).unwrap_or_default());
            blocks.push(Block::Heading { level: u8::try_from(hashes.min(4)).unwrap_or(4), anchor, text });
        } else if !line.is_empty() {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
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
    fn anchors_lists_and_joined_lines_are_read() {
        let blocks = parse("# Policy\n\n## 4. Transfer {#4}\n\n4.1. First\nline {#4.1}\n- one\n  more\n- two\n\nEnd **bold**.");
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks[1], Block::Heading { level: 2, anchor: Some("4".into()), text: "4. Transfer".into() });
        assert_eq!(blocks[2], Block::Paragraph { anchor: Some("4.1".into()), text: "4.1. First line".into() });
        assert_eq!(blocks[3], Block::List(vec!["one more".into(), "two".into()]));
        assert_eq!(blocks[4], Block::Paragraph { anchor: None, text: "End bold.".into() });
    }
}
