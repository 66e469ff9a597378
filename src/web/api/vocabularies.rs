//! Vocabularies and aliases.

use crate::error::Result;
use crate::service::common;
use crate::service::cx::Cx;
use crate::web::parse::NoQuery;
use crate::web::reply::Reply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A word of a vocabulary.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WordView {
    /// Code.
    pub code: String,
    /// What people see.
    pub name: String,
    /// Code of the word it belongs under; may be empty.
    pub parent: String,
    /// Its place in the list.
    pub place: i32,
    /// `active` or `retired`.
    pub state: String,
}

/// A vocabulary.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Vocabulary {
    /// Kind: `result`, `check_method`, `follow_up`, `credit_class`, `subject_type`, `cap_exemption` or another.
    pub kind: String,
    /// Its words.
    pub words: Vec<WordView>,
}

fn word(w: crate::store::common::Word) -> WordView {
    WordView { code: w.code, name: w.name, parent: w.parent, place: w.place, state: w.state }
}

/// `GET /api/v1/vocabularies/{kind}`
///
/// # Errors
/// Not allowed.
pub fn list_words(cx: &mut Cx<'_>, kind: String, _: NoQuery) -> Result<Reply<Vocabulary>> {
    let words = common::words(cx, &kind)?;
    Ok(Reply::ok(Vocabulary { kind, words: words.into_iter().map(word).collect() }))
}

/// A word to set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordBody {
    /// What people see.
    #[schema(max_length = 200)]
    pub name: String,
    /// Code of the word it belongs under.
    #[serde(default)]
    pub parent: String,
    /// Its place in the list.
    #[serde(default)]
    pub place: i32,
    /// `active` unless told `retired`.
    #[serde(default)]
    pub state: Option<String>,
}

/// `PUT /api/v1/vocabularies/{kind}/{code}`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn set_word(cx: &mut Cx<'_>, (kind, code): (String, String), b: &WordBody) -> Result<Reply<WordView>> {
    let row = crate::store::common::Word {
        region: String::new(),
        kind,
        code,
        name: b.name.clone(),
        parent: b.parent.clone(),
        place: b.place,
        state: b.state.clone().unwrap_or_else(|| "active".to_owned()),
    };
    Ok(Reply::ok(word(common::set_word(cx, row)?)))
}

/// Another word for something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasPair {
    /// The other word.
    #[schema(max_length = 100)]
    pub word: String,
    /// What it stands for.
    #[schema(max_length = 100)]
    pub target: String,
}

/// All aliases of a kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasList {
    /// The pairs.
    pub aliases: Vec<AliasPair>,
}

fn aliases(rows: Vec<crate::store::common::Alias>) -> AliasList {
    AliasList { aliases: rows.into_iter().map(|a| AliasPair { word: a.word, target: a.target }).collect() }
}

/// `GET /api/v1/aliases/{kind}`
///
/// # Errors
/// Not allowed.
pub fn list_aliases(cx: &mut Cx<'_>, kind: String, _: NoQuery) -> Result<Reply<AliasList>> {
    Ok(Reply::ok(aliases(common::aliases(cx, &kind)?)))
}

/// `PUT /api/v1/aliases/{kind}`
///
/// # Errors
/// Not allowed; every fault; a word with two meanings.
pub fn set_aliases(cx: &mut Cx<'_>, kind: String, b: &AliasList) -> Result<Reply<AliasList>> {
    let pairs: Vec<(String, String)> = b.aliases.iter().map(|a| (a.word.clone(), a.target.clone())).collect();
    Ok(Reply::ok(aliases(common::set_aliases(cx, &kind, &pairs)?)))
}
