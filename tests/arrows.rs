//! The arrows of the house: which room may use which, that nobody turns back, and that no room grows beyond sight.
//!
//! Read off the sources: every path in a `use` and every path written out, but not what stands in comments, in texts
//! and in the tests at the foot of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Each room (a file or a folder right under `src`) and the rooms it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("lib", &[]),
    (
        "node",
        &[
            "hub",
            "look",
            "submissions",
            "slab",
            "spin",
            "parcel",
            "channel",
            "home",
            "message",
            "error",
            "limits",
            "sync",
            "sys",
        ],
    ),
    ("hub", &["family", "flusher", "submissions", "channel", "sync"]),
    ("look", &["channel", "sync"]),
    ("flusher", &["family", "parcel", "channel", "submissions", "slab", "limits", "sync", "sys"]),
    ("family", &["channel", "sys"]),
    ("parcel", &["channel", "inbox", "message", "slab", "wire", "sys", "error", "limits", "sync"]),
    ("channel", &["home", "inbox", "message", "wire", "slab", "sys", "error", "limits", "sync"]),
    ("home", &["sync", "sys"]),
    ("spin", &["limits"]),
    ("submissions", &["wire", "sync"]),
    ("message", &["inbox", "slab", "sys"]),
    ("inbox", &["wire"]),
    ("error", &["wire"]),
    ("wire", &["slab", "limits"]),
    ("slab", &["sys", "limits"]),
    ("sys", &["limits"]),
    ("limits", &[]),
    ("sync", &[]),
];

/// Crates that only one room may name.
const CRATES: &[(&str, &str)] = &[("napi", "node"), ("napi_derive", "node"), ("rustix", "sys"), ("loom", "sync")];

const MOST_FILES: usize = 14;
const MOST_LINES: usize = 400;

/// A file of `src`, by the path of its module: `["channel", "far"]`. A head, which is a folder's `mod.rs`, has the path
/// of its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    module: Vec<String>,
    text: String,
}

/// What of a file counts: no comments, no texts, and not the tests at its foot.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let mut code = String::new();
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '/' if rest.peek() == Some(&'/') => {
                rest.find(|&char| char == '\n');
                code.push('\n');
            }
            '"' => {
                while let Some(char) = rest.next() {
                    match char {
                        '\\' => _ = rest.next(),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '\'' => {
                let mut ahead = rest.clone();
                match (ahead.next(), ahead.next()) {
                    // A character; what is escaped may be a quote itself.
                    (Some('\\'), Some(_)) => {
                        rest = ahead;
                        rest.find(|&char| char == '\'');
                    }
                    (Some(_), Some('\'')) => rest = ahead,
                    // A lifetime.
                    _ => {}
                }
            }
            other => code.push(other),
        }
    }
    code
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Path,
    Other(char),
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = code.chars().peekable();
    while let Some(char) = rest.next() {
        if char.is_alphanumeric() || char == '_' {
            let mut word = String::from(char);
            while let Some(next) = rest.next_if(|&char| char.is_alphanumeric() || char == '_') {
                word.push(next);
            }
            tokens.push(Token::Word(word));
        } else if char == ':' && rest.next_if_eq(&':').is_some() {
            tokens.push(Token::Path);
        } else if !char.is_whitespace() {
            tokens.push(Token::Other(char));
        }
    }
    tokens
}

/// Every path in the code, braces unfolded: `use a::{b, c::{self, d}}` is `a::b`, `a::c` and `a::c::d`.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let (tokens, mut found, mut at) = (tokens(code), BTreeSet::new(), 0);
    while at < tokens.len() {
        at = read_tree(&tokens, at, &[], &mut found);
    }
    found
}

/// Reads the path, or the tree of paths, that begins at `at`, if one does; answers where to go on.
fn read_tree(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut BTreeSet<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    while let Some(Token::Word(word)) = tokens.get(at) {
        if word != "self" || path.is_empty() {
            path.push(word.clone());
        }
        at += 1;
        if tokens.get(at) != Some(&Token::Path) {
            found.insert(path);
            return at;
        }
        at += 1;
    }
    if path.is_empty() || tokens.get(at) != Some(&Token::Other('{')) {
        // No path, or the star or the types at the end of one.
        found.insert(path);
        return at + 1;
    }
    at += 1;
    while tokens.get(at).is_some_and(|token| *token != Token::Other('}')) {
        at = read_tree(tokens, at, &path, found);
    }
    at + 1
}

/// The files of `src`.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![(root, Vec::new())];
    while let Some((folder, module)) = folders.pop() {
        let mut files = 0;
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            let module: Vec<String> = module.iter().cloned().chain([name.clone()]).collect();
            if path.is_dir() {
                folders.push((path, module));
                continue;
            }
            files += 1;
            let is_head = name == "mod" || name == "lib";
            let module = if is_head { module[..module.len() - 1].to_vec() } else { module };
            sources.push(Source { module, text: std::fs::read_to_string(&path).expect("a text") });
        }
        assert!(files <= MOST_FILES, "{} has {files} files", folder.display());
    }
    sources
}

/// What the path of a use in `module` leads to: the file, by the path of its module. `None` for what is not ours.
fn target(module: &[String], path: &[String], modules: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    let child = [module, &path[..1.min(path.len())]].concat();
    let (mut from, rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (module.to_vec(), &path[1..]),
        "super" => (module[..module.len().checked_sub(1)?].to_vec(), &path[1..]),
        _ if path.len() > 1 && modules.contains(&child) => (child, &path[1..]),
        _ => return None,
    };
    for word in rest {
        if word == "super" {
            from.pop();
        } else {
            from.push(word.clone());
        }
    }
    // The names behind the last module are what it holds.
    (0..=from.len()).rev().map(|length| from[..length].to_vec()).find(|prefix| modules.contains(prefix))
}

/// Everything that is wrong with these files, once.
fn wrongs(sources: &[Source]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|source| source.module.clone()).collect();
    let mut wrongs = Vec::new();
    // By folder: which of the things in it use which others, but for what goes by the folder's head.
    let mut neighbours: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for Source { module, text } in sources {
        let name = module.join("::");
        let room = module.first().map_or("lib", String::as_str);
        let Some((_, may_use)) = ROOMS.iter().find(|(known, _)| *known == room) else {
            wrongs.push(format!("{name} is in no room"));
            continue;
        };
        let lines = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text).lines().count();
        if lines > MOST_LINES {
            wrongs.push(format!("{name} has {lines} lines"));
        }
        for path in paths(&code(text)) {
            let owner = path.first().and_then(|word| CRATES.iter().find(|(known, _)| known == word));
            if owner.is_some_and(|(_, owner)| *owner != room) {
                wrongs.push(format!("{name} names {}", path.join("::")));
            }
            let Some(used) = target(module, &path, &modules) else {
                continue;
            };
            if let Some(other) = used.first().filter(|other| *other != room && !may_use.contains(&other.as_str())) {
                if room != "lib" {
                    wrongs.push(format!("{name} uses {other}"));
                }
            }
            let shared = module.iter().zip(&used).take_while(|(ours, theirs)| ours == theirs).count();
            // Between rooms the list says it; a head may use what is in its folder, and that its head.
            if shared > 0 && shared < module.len() && shared < used.len() {
                let folder = neighbours.entry(module[..shared].to_vec()).or_default();
                folder.entry(module[shared].clone()).or_default().insert(used[shared].clone());
            }
        }
    }
    for (folder, uses) in neighbours {
        let circle = circle(uses);
        if !circle.is_empty() {
            wrongs.push(format!("a circle in {}: {}", folder.join("::"), circle.join(", ")));
        }
    }
    wrongs.sort();
    wrongs.dedup();
    wrongs
}

/// Who is left when all have gone who use nobody of those left, or whom nobody of those left uses.
fn circle(mut uses: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let names: BTreeSet<String> = uses.keys().cloned().collect();
        let used: BTreeSet<String> = uses.values().flatten().cloned().collect();
        uses.retain(|name, others| used.contains(name) && !others.is_disjoint(&names));
        if uses.len() == names.len() {
            return names.into_iter().collect();
        }
    }
}

#[test]
fn every_room_uses_only_what_lies_below_it() {
    assert_eq!(wrongs(&sources()), Vec::<String>::new());
}

#[test]
fn the_arrows_themselves_never_turn_back() {
    let uses =
        |(room, may_use): &(&str, &[&str])| ((*room).to_owned(), may_use.iter().map(|it| (*it).to_owned()).collect());
    assert_eq!(circle(ROOMS.iter().map(uses).collect()), Vec::<String>::new());
    let may_use = |room: &str| ROOMS.iter().find(|(known, _)| *known == room).expect("a room").1;
    assert!(!may_use("wire").contains(&"sys") && !may_use("sys").contains(&"wire"));
    assert!(ROOMS.iter().all(|(_, may_use)| !may_use.contains(&"node")));
}

/// What is wrong when a file, which is there already or not, has these lines too.
fn wrongs_with(module: &str, lines: &str) -> Vec<String> {
    let module: Vec<String> = module.split("::").map(str::to_owned).collect();
    let mut sources = sources();
    match sources.iter_mut().find(|source| source.module == module) {
        Some(source) => source.text = format!("{lines}\n{}", source.text),
        None => sources.push(Source { module, text: lines.to_owned() }),
    }
    wrongs(&sources)
}

#[test]
fn a_wrong_arrow_is_refused_however_it_is_written() {
    for (module, lines, wrong) in [
        ("wire::frame", "use crate::sys::Socket;", "wire::frame uses sys"),
        (
            "sys::socket",
            "use crate::{limits::PARTS, wire::{frame::{self, HEADER}, Malformed}};",
            "sys::socket uses wire",
        ),
        ("channel::link", "fn f() { crate::parcel::settle(todo!()) }", "channel::link uses parcel"),
        ("inbox", "use crate::{\n    wire, // one\n    channel::{Part as P, *},\n};", "inbox uses channel"),
        ("channel::pair", "use super::super::hub::Hub;", "channel::pair uses hub"),
        ("home", "impl From<super::channel::End> for Home {}", "home uses channel"),
        ("parcel::plan", "pub(crate) use crate::node::env;", "parcel::plan uses node"),
        ("message", "use napi::bindgen_prelude::*;", "message names napi::bindgen_prelude"),
        ("hub", "fn f(env: ::napi::sys::napi_env) {}", "hub names napi::sys::napi_env"),
        ("flusher", "use rustix::io;", "flusher names rustix::io"),
        ("wire::decoder", "use super::tail::Item;", "a circle in wire: decoder, tail"),
        ("node::env", "use super::calls::all;", "a circle in node: calls, env"),
        ("node::env", "use crate::node::{js::{self, check}, calls};", "a circle in node: calls, env"),
        ("channel::incoming", "type Far = super::far::Far;", "a circle in channel: far, incoming"),
        ("attic", "use crate::limits;", "attic is in no room"),
        ("wire::long", &"\n".repeat(MOST_LINES + 1), "wire::long has 401 lines"),
    ] {
        assert_eq!(wrongs_with(module, lines), [wrong], "{module}");
    }
}

#[test]
fn what_is_no_import_is_nobodys_business() {
    for lines in [
        "// use crate::sys::Socket;",
        "/// As [`crate::sys::Socket`] does.",
        r#"const TEXT: &str = "\" crate::sys::Socket"; const QUOTE: char = '"'; const OTHER: char = '\'';"#,
        "fn f<'a>(of: &'a str) -> crate::limits::Unit<'a> {}",
        "use super::log::{self, ByteLog};",
        "#[cfg(test)]\nmod tests {\n    use crate::sys::Socket;\n}",
    ] {
        assert_eq!(wrongs_with("wire::more", lines), Vec::<String>::new(), "{lines}");
    }
}
