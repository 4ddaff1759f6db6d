//! The text of a shell word: quotes taken off, known variables filled in, commands within it handed out.
//!
//! Written here and not taken from the parser's library, because its parser of words does not come back from some texts.
//! It goes through the word once and never calls itself.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A word's text, and the commands that were substituted in it, each of which stands as `$()`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The text; unknown variables stay as `$NAME`.
    pub text: String,
    /// The substituted commands.
    pub commands: Vec<String>,
}

/// Reads a word.
pub fn read(word: &str, variables: &BTreeMap<String, String>) -> Word {
    let mut read = Word::default();
    let mut chars = word.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\'' if !quoted => read.text.extend(chars.by_ref().take_while(|c| *c != '\'')),
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) if quoted && !matches!(c, '"' | '\\' | '$' | '`') => {
                    read.text.extend(['\\', c])
                }
                Some(c) => read.text.push(c),
            },
            '`' => {
                read.commands
                    .push(chars.by_ref().take_while(|c| *c != '`').collect());
                read.text.push_str("$()");
            }
            '$' => dollar(&mut chars, &mut read, variables, quoted),
            c => read.text.push(c),
        }
    }
    read
}

/// What follows a `$`.
fn dollar(
    chars: &mut Peekable<Chars<'_>>,
    read: &mut Word,
    variables: &BTreeMap<String, String>,
    quoted: bool,
) {
    match chars.peek() {
        Some('\'') if !quoted => {
            chars.next();
            while let Some(c) = chars.next().filter(|c| *c != '\'') {
                match (c, if c == '\\' { chars.next() } else { None }) {
                    ('\\', Some('n')) => read.text.push('\n'),
                    ('\\', Some('t')) => read.text.push('\t'),
                    ('\\', Some(c)) | (c, None) => read.text.push(c),
                    (c, Some(_)) => read.text.push(c),
                }
            }
        }
        Some('(') => {
            chars.next();
            let inner = until_closed(chars, '(', ')');
            if !is_arithmetic(&inner) {
                read.commands.push(inner);
            }
            read.text.push_str("$()");
        }
        Some('{') => {
            chars.next();
            let inner = until_closed(chars, '{', '}');
            let name: String = inner
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let plain = name.len() == inner.len() || inner[name.len()..].starts_with(":-");
            read.text.push_str(&if plain {
                value(&name, variables)
            } else {
                "$?".into()
            });
        }
        Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
            let mut name = String::new();
            while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                name.push(c);
            }
            read.text.push_str(&value(&name, variables));
        }
        Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(*c) => {
            chars.next();
            read.text.push_str("$?");
        }
        _ => read.text.push('$'),
    }
}

/// Whether `$(inner)` is `$((…))`: one pair of brackets around all of it.
fn is_arithmetic(inner: &str) -> bool {
    let mut chars = inner.chars().peekable();
    chars.next() == Some('(')
        && {
            until_closed(&mut chars, '(', ')');
            chars.peek().is_none()
        }
        && inner.ends_with(')')
}

/// The text up to the bracket that closes, quoted ones not counted.
fn until_closed(chars: &mut Peekable<Chars<'_>>, open: char, close: char) -> String {
    let (mut depth, mut quote, mut text) = (1_usize, None, String::new());
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => {
                text.push(c);
                text.extend(chars.next());
                continue;
            }
            (Some(q), c) if q == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if c == open => depth += 1,
            (None, c) if c == close => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
        text.push(c);
    }
    text
}

fn value(name: &str, variables: &BTreeMap<String, String>) -> String {
    match variables.get(name) {
        Some(value) => value.clone(),
        None if name == "HOME" => "~".into(),
        None if name == "PWD" => ".".into(),
        None => format!("${name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_and_variables_filled_in() {
        let variables = BTreeMap::from([("F".to_owned(), "x.json".to_owned())]);
        for (word, text) in [
            (r#"a'b c'"d \" e"f\ g"#, "ab cd \" ef g"),
            (r#""$F" "#, "x.json "),
            ("${F}.bak", "x.json.bak"),
            ("${F:-y}", "x.json"),
            ("$G/${H[1]}", "$G/$?"),
            ("$HOME/.npmrc", "~/.npmrc"),
            (r"$'a\nb\'c'", "a\nb'c"),
            ("'$F'", "$F"),
            ("\"it's\"", "it's"),
            ("5$", "5$"),
        ] {
            assert_eq!(read(word, &variables).text, text, "{word}");
        }
        let found = read(r#"a$(cat "x)" (y))`id`"#, &variables);
        assert_eq!(found.text, "a$()$()");
        assert_eq!(found.commands, [r#"cat "x)" (y)"#, "id"]);
        let commands = |word| read(word, &variables).commands;
        assert_eq!(commands("$((1<<(2+3)))"), [""; 0]);
        assert_eq!(commands("$((a);(b))"), ["(a);(b)"]);
    }
}
