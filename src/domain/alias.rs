//! Names of departments and subject types in their many spellings, resolved to codes by a table. Exact after folding width,
//! spaces and case; nothing is guessed, and what several codes claim is returned with all of them.

use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// One code.
    One(String),
    /// 相关部门: whoever supervises the subjects; the coordination office resolves it.
    Wildcard,
    /// Several codes have this name; sorted.
    Ambiguous(Vec<String>),
    /// No code has it.
    Unknown,
}

/// Names that mean “whoever is concerned”, as the joint lists write them.
const WILDCARDS: &[&str] = &[
    "市场监管领域相关部门",
    "市场监管领域有关部门",
    "相关部门",
    "有关部门",
    "各相关部门",
    "各有关部门",
    "其他相关部门",
    "其他有关部门",
    "相关配合部门",
    "相关监管部门",
    "有关监管部门",
    "相关行业主管部门",
    "有关行业主管部门",
    "各相关单位",
    "相关单位",
    "有关单位",
];

/// What names are compared by: NFKC, lower case, without spaces, controls and invisible characters.
#[must_use]
pub fn fold(name: &str) -> String {
    let invisible = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    name.nfkc()
        .filter(|c| !(c.is_whitespace() || c.is_control() || invisible(*c)))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a name means “whoever is concerned”.
#[must_use]
pub fn is_wildcard(name: &str) -> bool {
    let folded = fold(name);
    WILDCARDS.iter().any(|w| *w == folded)
}

/// One of several names in a field, with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name as written, without its note.
    pub name: String,
    /// What stood in parentheses behind it (检查电影院时宣传部门发起): a condition people must read.
    pub note: Option<String>,
    /// What it stands for.
    pub resolved: Resolved,
}

/// A table of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    codes: BTreeMap<String, BTreeSet<String>>,
}

impl Aliases {
    /// A table of (code, name); a code is also a name of itself. Blank names are left out.
    pub fn new<C: Into<String>, N: AsRef<str>>(names: impl IntoIterator<Item = (C, N)>) -> Self {
        let mut table = Self::default();
        for (code, name) in names {
            let code = code.into();
            for folded in [fold(name.as_ref()), fold(&code)].into_iter().filter(|f| !f.is_empty()) {
                table.codes.entry(folded).or_default().insert(code.clone());
            }
        }
        table
    }

    /// What a name stands for. A name in the table goes before the wildcard, so that a county may give 相关部门 a code.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Resolved {
        let folded = fold(name);
        match self.codes.get(&folded) {
            Some(codes) if codes.len() > 1 => Resolved::Ambiguous(codes.iter().cloned().collect()),
            Some(codes) => codes.first().map_or(Resolved::Unknown, |code| Resolved::One(code.clone())),
            None if is_wildcard(&folded) => Resolved::Wildcard,
            None => Resolved::Unknown,
        }
    }

    /// The names in a field such as `文化和旅游部门|卫生健康部门|宣传部门（检查电影院时宣传部门发起）`, each resolved. Fields are
    /// split at ; | 、 , and line breaks outside parentheses, never at 和; a field that is one known name is not split.
    #[must_use]
    pub fn resolve_list(&self, field: &str) -> Vec<Part> {
        if !matches!(self.resolve(field), Resolved::Unknown) {
            return vec![Part { name: field.trim().to_owned(), note: None, resolved: self.resolve(field) }];
        }
        let mut parts = Vec::new();
        let (mut depth, mut start) = (0_u32, 0);
        for (at, c) in field.char_indices().chain([(field.len(), ';')]) {
            match c {
                '(' | '（' => depth += 1,
                ')' | '）' => depth = depth.saturating_sub(1),
                _ => {}
            }
            let end = at == field.len();
            if end || (depth == 0 && matches!(c, ';' | '；' | '|' | '｜' | '、' | ',' | '，' | '\n' | '\r'))
            {
                let name = field[start..at].trim();
                if !name.is_empty() {
                    parts.push(self.part(name));
                }
                start = at + c.len_utf8();
            }
        }
        parts
    }

    fn part(&self, name: &str) -> Part {
        let whole = Part { name: name.to_owned(), note: None, resolved: self.resolve(name) };
        if whole.resolved != Resolved::Unknown {
            return whole;
        }
        let open = name.find(['(', '（']).filter(|_| name.ends_with([')', '）']));
        let Some(open) = open else { return whole };
        let note = name[open..].trim_start_matches(['(', '（']).trim_end_matches([')', '）']);
        let bare = name[..open].trim();
        if bare.is_empty() {
            return whole;
        }
        Part { name: bare.to_owned(), note: Some(note.to_owned()), resolved: self.resolve(bare) }
    }

    /// Names several codes claim, with the codes; to be mended in the table.
    #[must_use]
    pub fn ambiguous(&self) -> Vec<(&str, Vec<&str>)> {
        let several = self.codes.iter().filter(|(_, codes)| codes.len() > 1);
        several.map(|(name, codes)| (name.as_str(), codes.iter().map(String::as_str).collect())).collect()
    }
}
