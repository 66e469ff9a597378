//! `vdr/1/open`: everything that is fixed before a draw; its digest is the `draw_id`.

use super::line::{Reader, Writer, hex_or_none};
use crate::domain::draw::bytes::{Hash, decimal, is_token};
use crate::domain::draw::fault::{Fault, fault};

/// When the entropy becomes public (section 2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The beacon comes last; the list is published at once.
    Public,
    /// The server secret is published later, so that surprise inspections stay a surprise.
    Embargo,
    /// No network: sealed cards and a sealed server secret.
    Ceremony,
}

impl Policy {
    /// The word in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Embargo => "embargo",
            Self::Ceremony => "ceremony",
        }
    }

    /// The policy of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Public, Self::Embargo, Self::Ceremony].into_iter().find(|p| p.word() == word)
    }
}

/// How the places are divided over the strata (section 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each stratum its own ratio.
    Ratio,
    /// A total, by largest remainder.
    Hamilton,
    /// A total, by Sainte-Laguë; raising the total never takes a place away.
    Webster,
}

impl Mode {
    /// The word in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Hamilton => "hamilton",
            Self::Webster => "webster",
        }
    }

    /// The mode of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Ratio, Self::Hamilton, Self::Webster].into_iter().find(|m| m.word() == word)
    }
}

/// A `stratum` line of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// Stratum code.
    pub code: String,
    /// Eligible members: pool − excluded − drawn in earlier rounds.
    pub eligible: u64,
    /// Rate in basis points (1/10000).
    pub bp: u64,
    /// Fewest to draw.
    pub lo: u64,
    /// Most to draw; 0 = no limit.
    pub hi: u64,
    /// Allocation weight for the modes with a total.
    pub alloc: u64,
}

/// A `team` line of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Unit whose inspectors are drawn; `*` = everybody.
    pub unit: String,
    /// People per drawn subject, at least 1.
    pub size: u32,
    /// How many of the first slots need somebody who may lead (A岗).
    pub leads: u32,
    /// Qualification every member needs.
    pub qual: Option<String>,
    /// Whether the least loaded come first.
    pub min_load: bool,
}

/// Where a public random value comes from (section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeaconKind {
    /// drand quicknet, verified by BLS.
    DrandQuicknet,
    /// NIST randomness beacon 2.0.
    Nist2,
    /// A public lottery.
    Lottery,
    /// Any announced text.
    Text,
}

impl BeaconKind {
    /// The word in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DrandQuicknet => "drand-quicknet",
            Self::Nist2 => "nist2",
            Self::Lottery => "lottery",
            Self::Text => "text",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::DrandQuicknet, Self::Nist2, Self::Lottery, Self::Text].into_iter().find(|k| k.word() == word)
    }
}

/// A beacon named in advance: its kind and which of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconRef {
    /// Kind.
    pub kind: BeaconKind,
    /// Round, `CHAIN/PULSE`, `GAME/ISSUE` or any token, by kind.
    pub reference: String,
}

impl BeaconRef {
    /// A beacon reference, checked by kind.
    ///
    /// # Errors
    /// The reference does not have the form of its kind.
    pub fn new(kind: BeaconKind, reference: &str) -> Result<Self, Fault> {
        let pair = || reference.split_once('/').filter(|(a, b)| !a.is_empty() && !b.contains('/'));
        let good = is_token(reference)
            && match kind {
                BeaconKind::DrandQuicknet => decimal(reference).is_some_and(|r| r > 0),
                BeaconKind::Nist2 => {
                    pair().is_some_and(|(c, p)| decimal(c).is_some() && decimal(p).is_some())
                }
                BeaconKind::Lottery => pair().is_some_and(|(_, issue)| !issue.is_empty()),
                BeaconKind::Text => true,
            };
        if good {
            Ok(Self { kind, reference: reference.to_owned() })
        } else {
            Err(fault!(
                "beacon_ref",
                "信标 {} 的编号“{reference}”格式不对(drand-quicknet 轮次;nist2 链/脉冲;lottery 彩种/期号)",
                kind.word()
            ))
        }
    }
}

/// An opening record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The authority that draws.
    pub authority: String,
    /// The plan the draw belongs to.
    pub plan: String,
    /// The list that is drawn from; separates the keys of several lists.
    pub list: String,
    /// Attempt: grows by one after an abort.
    pub seq: u32,
    /// 0, or the number of the supplementary round.
    pub round: u32,
    /// `draw_id` of the previous round; exactly when `round` > 0.
    pub parent: Option<Hash>,
    /// When the entropy becomes public.
    pub policy: Policy,
    /// Digest of the subjects' pool record.
    pub subject_pool: Hash,
    /// Digest of the inspectors' pool record.
    pub inspector_pool: Hash,
    /// SHA-256 of the document that states the rules in words (or the canonical planning input).
    pub rules_doc: Hash,
    /// Length and digest of the list of excluded numbers; `None` when it is empty.
    pub excluded: Option<(u64, Hash)>,
    /// Length and digest of the list of seats to be drawn again; `None` when it is empty.
    pub refill: Option<(u64, Hash)>,
    /// Quota mode.
    pub mode: Mode,
    /// Total to draw, for the modes with a total.
    pub total: u64,
    /// The same as a ratio of all eligible, in basis points; the larger counts.
    pub total_bp: u64,
    /// Strata, ascending by code.
    pub strata: Vec<Stratum>,
    /// Teams; units differ, and `*` stands alone.
    pub teams: Vec<Team>,
    /// Commitment to the server secret.
    pub server: Hash,
    /// Witnesses in the order of their values; all different.
    pub witnesses: Vec<String>,
    /// Beacons in the order of their values; all different.
    pub beacons: Vec<BeaconRef>,
    /// No entropy of a beacon may be known before this time, seconds since 1970 UTC.
    pub not_before: u64,
    /// The result must be logged before this time.
    pub deadline: u64,
    /// Embargo: the server secret must be logged before this time.
    pub publish_by: Option<u64>,
}

fn list_fields(list: Option<&(u64, Hash)>) -> (u64, String) {
    (list.map_or(0, |l| l.0), hex_or_none(list.map(|l| &l.1)))
}

fn parse_list(r: &mut Reader<'_>, name: &str) -> Result<Option<(u64, Hash)>, Fault> {
    let [count, digest] = r.fields(name)?;
    match (r.as_number(count)?, digest) {
        (0, "-") => Ok(None),
        (0, _) | (_, "-") => Err(r.refuse("数量为0时摘要须为“-”,否则须有摘要")),
        (n, digest) => Ok(Some((n, r.as_hash(digest)?))),
    }
}

impl Open {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/open");
        w.line("authority", &[&self.authority]);
        w.line("plan", &[&self.plan]);
        w.line("list", &[&self.list]);
        w.line("seq", &[&self.seq]);
        w.line("round", &[&self.round]);
        w.line("parent", &[&hex_or_none(self.parent.as_ref())]);
        w.line("policy", &[&self.policy.word()]);
        w.line("subject-pool", &[&hex::encode(self.subject_pool)]);
        w.line("inspector-pool", &[&hex::encode(self.inspector_pool)]);
        w.line("rules-doc", &[&hex::encode(self.rules_doc)]);
        for (name, list) in [("excluded", &self.excluded), ("refill", &self.refill)] {
            let (count, digest) = list_fields(list.as_ref());
            w.line(name, &[&count, &digest]);
        }
        w.line("quota", &[&self.mode.word(), &self.total, &self.total_bp]);
        for s in &self.strata {
            w.line("stratum", &[&s.code, &s.eligible, &s.bp, &s.lo, &s.hi, &s.alloc]);
        }
        for t in &self.teams {
            let (qual, balance) =
                (t.qual.as_deref().unwrap_or("-"), if t.min_load { "min-load" } else { "none" });
            w.line("team", &[&t.unit, &t.size, &t.leads, &qual, &balance]);
        }
        w.line("server", &[&hex::encode(self.server)]);
        for witness in &self.witnesses {
            w.line("witness", &[witness]);
        }
        for beacon in &self.beacons {
            w.line("beacon", &[&beacon.kind.word(), &beacon.reference]);
        }
        w.line("not-before", &[&self.not_before]);
        w.line("deadline", &[&self.deadline]);
        w.line("publish-by", &[&self.publish_by.map_or_else(|| "-".to_owned(), |t| t.to_string())]);
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; strata out of order; units, witnesses or beacons twice; `*` beside other
    /// units; a parent in round 0 or none later; `publish-by` without embargo or an embargo without it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/open")?;
        let (authority, plan, list) = (r.token("authority")?, r.token("plan")?, r.token("list")?);
        let seq = r.one("seq")?;
        let seq = r.as_u32(seq)?;
        let round = r.one("round")?;
        let round = r.as_u32(round)?;
        let parent = r.hash_or_none("parent")?;
        if (round == 0) != parent.is_none() {
            return Err(r.refuse("首轮(round 0)的 parent 须为“-”,补抽轮次须写明上一轮"));
        }
        let policy = r.one("policy")?;
        let policy =
            Policy::of(policy).ok_or_else(|| r.refuse("policy 只能是 public、embargo 或 ceremony"))?;
        let (subject_pool, inspector_pool) = (r.hash("subject-pool")?, r.hash("inspector-pool")?);
        let rules_doc = r.hash("rules-doc")?;
        let excluded = parse_list(&mut r, "excluded")?;
        let refill = parse_list(&mut r, "refill")?;
        let [mode, total, total_bp] = r.fields("quota")?;
        let mode = Mode::of(mode).ok_or_else(|| r.refuse("quota 只能是 ratio、hamilton 或 webster"))?;
        let (total, total_bp) = (r.as_number(total)?, r.as_number(total_bp)?);
        let strata = parse_strata(&mut r)?;
        let teams = parse_teams(&mut r)?;
        let server = r.hash("server")?;
        let mut seen = std::collections::HashSet::new();
        let mut witnesses = Vec::new();
        while r.at("witness") {
            let id = r.token("witness")?;
            if !seen.insert(id.clone()) {
                return Err(r.refuse("见证人重复"));
            }
            witnesses.push(id);
        }
        let mut seen = std::collections::HashSet::new();
        let mut beacons = Vec::new();
        while r.at("beacon") {
            let [kind, reference] = r.fields("beacon")?;
            let kind = BeaconKind::of(kind).ok_or_else(|| r.refuse("信标种类不认识"))?;
            if !seen.insert((kind.word(), reference)) {
                return Err(r.refuse("信标重复"));
            }
            beacons.push(BeaconRef::new(kind, reference)?);
        }
        let (not_before, deadline) = (r.number("not-before")?, r.number("deadline")?);
        let publish_by = match r.one("publish-by")? {
            "-" => None,
            time => Some(r.as_number(time)?),
        };
        if (policy == Policy::Embargo) != publish_by.is_some() {
            return Err(r.refuse("embargo 须写明 publish-by,其他方式须为“-”"));
        }
        r.end()?;
        Ok(Self {
            authority,
            plan,
            list,
            seq,
            round,
            parent,
            policy,
            subject_pool,
            inspector_pool,
            rules_doc,
            excluded,
            refill,
            mode,
            total,
            total_bp,
            strata,
            teams,
            server,
            witnesses,
            beacons,
            not_before,
            deadline,
            publish_by,
        })
    }
}

fn parse_strata(r: &mut Reader<'_>) -> Result<Vec<Stratum>, Fault> {
    let mut strata: Vec<Stratum> = Vec::new();
    while r.at("stratum") {
        let [code, eligible, bp, lo, hi, alloc] = r.fields("stratum")?;
        let code = r.as_token(code)?;
        if strata.last().is_some_and(|s| s.code >= code) {
            return Err(r.refuse("各层须按代码严格递增"));
        }
        strata.push(Stratum {
            code,
            eligible: r.as_number(eligible)?,
            bp: r.as_number(bp)?,
            lo: r.as_number(lo)?,
            hi: r.as_number(hi)?,
            alloc: r.as_number(alloc)?,
        });
    }
    if strata.is_empty() {
        return Err(fault!("record_line", "开启记录至少要有一个 stratum 行"));
    }
    Ok(strata)
}

fn parse_teams(r: &mut Reader<'_>) -> Result<Vec<Team>, Fault> {
    let mut teams: Vec<Team> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while r.at("team") {
        let [unit, size, leads, qual, balance] = r.fields("team")?;
        let team = Team {
            unit: r.as_token(unit)?,
            size: r.as_u32(size)?,
            leads: r.as_u32(leads)?,
            qual: if qual == "-" { None } else { Some(r.as_token(qual)?) },
            min_load: match balance {
                "min-load" => true,
                "none" => false,
                _ => return Err(r.refuse("组队均衡方式只能是 min-load 或 none")),
            },
        };
        if team.size == 0 || team.leads > team.size {
            return Err(r.refuse("每组人数须至少为1,A岗人数不得超过每组人数"));
        }
        if !seen.insert(unit) {
            return Err(r.refuse("单位重复"));
        }
        teams.push(team);
    }
    if teams.len() > 1 && teams.iter().any(|t| t.unit == "*") {
        return Err(r.refuse("“*”须是唯一的 team 行"));
    }
    Ok(teams)
}
