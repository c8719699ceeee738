//! E-mail addresses as people write them.

/// Longer addresses do not exist (RFC 5321).
const EMAIL_CHARS_MAX: usize = 254;
const NAME_CHARS_MAX: usize = 64;

/// The address without spaces around it; `None` when no letter could be sent there: one `@`, a name of the characters that need no
/// quotes, and a host with a dot, in ASCII, as every server understands it.
pub fn read_email(typed: &str) -> Option<String> {
    let address = typed.trim();
    let (name, host) = address.rsplit_once('@')?;
    let name_fits = (1..=NAME_CHARS_MAX).contains(&name.len())
        && name.split('.').all(|part| !part.is_empty())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let host_fits = host.contains('.') && host.split('.').all(label);
    (address.len() <= EMAIL_CHARS_MAX && name_fits && host_fits).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_nothing_else() {
        for (typed, read) in [
            (" anna@demo.example ", "anna@demo.example"),
            ("anna.k+visits@mail.demo-1.example", "anna.k+visits@mail.demo-1.example"),
            ("a@xn--e1afmkfd.xn--p1ai", "a@xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(read_email(typed).as_deref(), Some(read), "{typed}");
        }
        for wrong in [
            "",
            "anna",
            "@demo.example",
            "anna@",
            "anna@demo",
            "anna at home",
            "a b@demo.example",
            "anna@demo..example",
            ".anna@demo.example",
            "anna@-demo.example",
            "anna@demo.example\r\nBcc: x@y.example",
            "anna@demo.example,x@y.example",
            "\"a b\"@demo.example",
            "<anna@demo.example>",
            "анна@demo.example",
            &format!("{}@demo.example", "a".repeat(65)),
            &format!("a@{}.example", "b.".repeat(130)),
        ] {
            assert_eq!(read_email(wrong), None, "{wrong}");
        }
    }
}
