//! Every SQL statement of the program, read from its sources, so that a test can prepare each on both databases (I7).
//!
//! Statements are literals of `store.rs` files and of `db`; what a literal leaves open (`{…}`) is filled in as the program does.
//! The directory builds its statements from tables and lists them itself. Files named `before_…` speak to an older schema: the tests of the
//! upgrade run them on it.

use std::path::{Path, PathBuf};

use crate::database::files;

/// A statement and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The file, from the root of the repository.
    pub file: String,
    /// As SQLite gets it.
    pub sqlite: String,
    /// As PostgreSQL gets it.
    pub postgres: String,
}

/// All statements, and what could not be read.
///
/// # Errors
/// Literals with a part that this scan does not know: teach it, or write the statement plainer.
pub fn all() -> Result<Vec<Statement>, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let (mut statements, mut faults) = (Vec::new(), Vec::new());
    for file in sources(&root) {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        let literals = literals(program);
        for literal in literals.iter().filter(|literal| is_sql(literal)) {
            match filled(literal, program, &literals) {
                Some([sqlite, postgres]) => statements.push(Statement { file: name.clone(), sqlite, postgres }),
                None => faults.push(format!("{name}: {literal}")),
            }
        }
    }
    for sql in directory::store::statements() {
        statements.push(Statement { file: "crates/directory/src/store.rs".into(), sqlite: sql.clone(), postgres: sql });
    }
    if faults.is_empty() { Ok(statements) } else { Err(faults) }
}

fn sources(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for krate in std::fs::read_dir(root.join("crates")).unwrap().flatten() {
        let name = krate.file_name().into_string().unwrap();
        if ["testkit", "xtask", "directory"].contains(&name.as_str()) || !krate.path().join("src").is_dir() {
            continue;
        }
        found.extend(files(&krate.path().join("src")).into_iter().filter(|path| {
            let text = path.display().to_string();
            let of_db = name == "db" && ["feed.rs", "jobs.rs", "migrate.rs"].iter().any(|file| text.ends_with(file));
            let older = text.contains("/store/before_");
            !older && (text.ends_with("/store.rs") || text.contains("/store/") || of_db)
        }));
    }
    found.sort();
    found
}

fn is_sql(literal: &str) -> bool {
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "].iter().any(|verb| literal.trim_start().starts_with(verb))
}

/// The statement with its open parts filled, for both databases.
fn filled(literal: &str, program: &str, literals: &[String]) -> Option<[String; 2]> {
    let mut sql = [literal.to_owned(), literal.to_owned()];
    while let Some((before, rest)) = sql[0].clone().split_once('{') {
        let (hole, _) = rest.split_once('}')?;
        let next = highest_parameter(literal) + 1;
        let before = before.trim_end();
        let fill = match hole {
            "skip" => [String::new(), "FOR UPDATE SKIP LOCKED".to_owned()],
            _ if hole.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !hole.is_empty() => same(constant(hole, program, literals)?),
            "" | "list" if before.ends_with("IN (") => same(format!("${next}, ${}", next + 1)),
            _ if before.ends_with("VALUES") || before.ends_with(" IN") => {
                let width = if before.ends_with("VALUES") { before.rsplit_once('(')?.1.split(',').count() } else { 2 };
                same(db::placeholders(1, width, next))
            }
            _ => return None,
        };
        for (sql, fill) in sql.iter_mut().zip(fill) {
            *sql = sql.replacen(&format!("{{{hole}}}"), &fill, 1);
        }
    }
    Some(sql)
}

fn same(text: String) -> [String; 2] {
    [text.clone(), text]
}

/// The text of `const NAME: &str = "…"`.
fn constant(name: &str, program: &str, literals: &[String]) -> Option<String> {
    let (_, after) = program.split_once(&format!("const {name}: &str ="))?;
    let value = after.trim_start().strip_prefix('"')?;
    literals.iter().find(|literal| value.starts_with(literal.as_str()) && value.as_bytes().get(literal.len()) == Some(&b'"')).cloned()
}

fn highest_parameter(sql: &str) -> usize {
    sql.split('$')
        .skip(1)
        .filter_map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok())
        .max()
        .unwrap_or(0)
}

/// The string literals of a source text, as the compiler reads them; those of comments are left out.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut chars) = (Vec::new(), source.chars().peekable());
    while let Some(character) = chars.next() {
        match character {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            // A character in quotes; a lifetime has no second quote close by.
            '\'' => {
                let ahead: Vec<char> = chars.clone().take(3).collect();
                match ahead.as_slice() {
                    ['\\', _, '\''] => drop(chars.nth(2)),
                    [_, '\'', ..] => drop(chars.nth(1)),
                    _ => {}
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(character) = chars.next() {
                    match character {
                        '"' => break,
                        '\\' => match chars.next() {
                            // A line that goes on: the blanks before its text do not count.
                            Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                            Some('n') => text.push('\n'),
                            Some(escaped) => text.push(escaped),
                            None => break,
                        },
                        other => text.push(other),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_as_the_compiler_does() {
        let source = "// \"no\"\nconst COLUMNS: &str = \"a, b\";\nlet c = '\"'; let l: &'a str = \"SELECT {COLUMNS} \\\n   FROM t WHERE x = \\\"y\\\"\";";
        let found = literals(source);
        assert_eq!(found, ["a, b", "SELECT {COLUMNS} FROM t WHERE x = \"y\""]);
        assert_eq!(filled(&found[1], source, &found).unwrap()[0], "SELECT a, b FROM t WHERE x = \"y\"");
    }

    #[test]
    fn open_parts_are_filled_as_the_program_does() {
        let fill = |sql: &str| filled(sql, "", &[]);
        assert_eq!(fill("INSERT INTO c (a, b) VALUES {rows} RETURNING $1").unwrap()[0], "INSERT INTO c (a, b) VALUES ($2,$3) RETURNING $1");
        assert_eq!(fill("SELECT a FROM c WHERE b IN ({})").unwrap()[1], "SELECT a FROM c WHERE b IN ($1, $2)");
        assert_eq!(fill("SELECT a FROM {table}"), None);
    }
}
