//! `vdr/1/result`: the outcome of a draw.

use super::line::{Reader, Writer};
use crate::domain::draw::bytes::{Hash, unhex_n};
use crate::domain::draw::fault::{Fault, fault};

/// The seed, or what stands for it while an embargo lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedLine {
    /// The seed itself.
    Seed(Hash),
    /// Embargo: the commitment to the seed, `TH("vdr/1/seed", draw_id, seed)`.
    Commit(Hash),
}

/// A `stratum` line of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultStratum {
    /// Stratum code.
    pub code: String,
    /// Eligible members.
    pub eligible: u64,
    /// Drawn.
    pub drawn: u64,
    /// Sort key of the last one drawn; `None` when nothing is drawn, and in every embargo result.
    pub limit: Option<u128>,
}

/// A result record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRecord {
    /// The draw.
    pub draw: Hash,
    /// The seed or its commitment.
    pub seed: SeedLine,
    /// Strata in the order of the opening.
    pub strata: Vec<ResultStratum>,
    /// Number and root of the drawn.
    pub selected: (u64, Hash),
    /// Number and root of the seats.
    pub assigned: (u64, Hash),
}

impl ResultRecord {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/result");
        w.line("draw", &[&hex::encode(self.draw)]);
        match self.seed {
            SeedLine::Seed(seed) => w.line("seed", &[&hex::encode(seed)]),
            SeedLine::Commit(commit) => w.line("seed-commit", &[&hex::encode(commit)]),
        }
        for s in &self.strata {
            let limit = s.limit.map_or_else(|| "-".to_owned(), |l| format!("{l:032x}"));
            w.line("stratum", &[&s.code, &s.eligible, &s.drawn, &limit]);
        }
        w.line("selected", &[&self.selected.0, &hex::encode(self.selected.1)]);
        w.line("assigned", &[&self.assigned.0, &hex::encode(self.assigned.1)]);
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; strata out of order; more drawn than eligible; a limit where none belongs.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/result")?;
        let draw = r.hash("draw")?;
        let hidden = r.at("seed-commit");
        let seed =
            if hidden { SeedLine::Commit(r.hash("seed-commit")?) } else { SeedLine::Seed(r.hash("seed")?) };
        let mut strata: Vec<ResultStratum> = Vec::new();
        while r.at("stratum") {
            let [code, eligible, drawn, limit] = r.fields("stratum")?;
            let code = r.as_token(code)?;
            if strata.last().is_some_and(|s| s.code >= code) {
                return Err(r.refuse("各层须按代码严格递增"));
            }
            let limit = match limit {
                "-" => None,
                limit => Some(u128::from_be_bytes(
                    unhex_n(limit).ok_or_else(|| r.refuse("界限须为32位小写十六进制或“-”"))?,
                )),
            };
            let line =
                ResultStratum { code, eligible: r.as_number(eligible)?, drawn: r.as_number(drawn)?, limit };
            if line.drawn > line.eligible {
                return Err(r.refuse("抽中数超过可抽数"));
            }
            if line.limit.is_some() != (!hidden && line.drawn > 0) {
                return Err(r.refuse("有抽中者须写界限;未抽中者或保密期内须为“-”"));
            }
            strata.push(line);
        }
        if strata.is_empty() {
            return Err(fault!("record_line", "结果记录至少要有一个 stratum 行"));
        }
        let pair = |r: &mut Reader<'_>, name| -> Result<(u64, Hash), Fault> {
            let [count, root] = r.fields(name)?;
            Ok((r.as_number(count)?, r.as_hash(root)?))
        };
        let selected = pair(&mut r, "selected")?;
        let assigned = pair(&mut r, "assigned")?;
        r.end()?;
        Ok(Self { draw, seed, strata, selected, assigned })
    }
}
