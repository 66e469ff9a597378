//! Values of the draw commands' options: cards, beacons, seats.

use super::{BeaconArgs, Failure, RoundArgs, SealArgs, lists, salt};
use crate::domain::draw::beacon;
use crate::domain::draw::bytes::{decimal, unhex, unhex_n};
use crate::domain::draw::fault::fault;
use crate::domain::draw::record::{BeaconKind, BeaconProof, BeaconRef, Opening};
use crate::domain::draw::session::{Card, NextRound, Session};

/// Splits `name=value`.
fn pair<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name, value)),
        _ => Err(fault!("argument", "“{text}”应写成 {form}").into()),
    }
}

/// The cards handed in at the sealing.
pub(super) fn sealed(args: &SealArgs) -> Result<Vec<Card>, Failure> {
    let mut cards = Vec::new();
    for text in &args.witnesses {
        let (id, value) = pair(text, "代码=内容")?;
        cards.push(Card::Content(Opening {
            id: id.to_owned(),
            salt: salt()?,
            value: value.as_bytes().to_vec(),
        }));
    }
    for text in &args.commitments {
        let (id, value) = pair(text, "代码=封存值")?;
        let hash = unhex_n(value).ok_or_else(|| fault!("commitment", "{id}的封存值须为64位小写十六进制"))?;
        cards.push(Card::Commitment(id.to_owned(), hash));
    }
    Ok(cards)
}

/// Cards the witnesses kept: `id=salt:value`.
pub(super) fn kept(texts: &[String]) -> Result<Vec<Opening>, Failure> {
    let mut cards = Vec::new();
    for text in texts {
        let (id, rest) = pair(text, "代码=盐:内容")?;
        let (salt, value) = rest.split_once(':').unwrap_or((rest, ""));
        let salt = unhex_n(salt).ok_or_else(|| fault!("salt", "{id}的盐须为32位小写十六进制"))?;
        cards.push(Opening { id: id.to_owned(), salt, value: value.as_bytes().to_vec() });
    }
    Ok(cards)
}

/// Proofs of beacons.
pub(super) fn proofs(args: &BeaconArgs) -> Result<Vec<BeaconProof>, Failure> {
    let mut all = Vec::new();
    let hexed = |value: &str, name: &str| {
        unhex(value).ok_or_else(|| fault!("beacon_hex", "信标{name}的值须为小写十六进制"))
    };
    for (kind, texts) in [
        (BeaconKind::DrandQuicknet, &args.drand),
        (BeaconKind::Lottery, &args.lottery),
        (BeaconKind::Nist2, &args.nist),
        (BeaconKind::Text, &args.text),
    ] {
        for text in texts {
            let (name, value) = pair(text, "编号=值")?;
            let proof = match kind {
                BeaconKind::DrandQuicknet | BeaconKind::Nist2 => hexed(value, name)?,
                BeaconKind::Lottery => {
                    beacon::check_lottery(value)?;
                    value.as_bytes().to_vec()
                }
                BeaconKind::Text => value.as_bytes().to_vec(),
            };
            all.push(BeaconProof { beacon: BeaconRef::new(kind, name)?, proof });
        }
    }
    Ok(all)
}

/// What a supplementary round is asked to do.
pub(super) fn next_round(args: &RoundArgs, session: &Session, now: u64) -> Result<NextRound, Failure> {
    let (witnesses, beacons, _) = args.parties.read(now)?;
    let mut next = NextRound { witnesses, beacons, ..NextRound::default() };
    let pool = session.subject_pool()?;
    let mut equal: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for text in &args.gone {
        let (id, reason) = pair(text, "标识=原因")?;
        if let Some(subject) = pool.number_of(id).and_then(|n| pool.get(n)) {
            *equal.entry(subject.stratum.to_owned()).or_default() += 1;
        }
        next.excluded.push((id.to_owned(), reason.to_owned()));
    }
    next.replacements = equal.into_iter().collect();
    if !args.replace.is_empty() {
        next.replacements.clear();
        for text in &args.replace {
            let (code, count) = pair(text, "层=数量")?;
            let count = decimal(count).ok_or_else(|| fault!("argument", "“{text}”的数量不是数"))?;
            next.replacements.push((code.to_owned(), count));
        }
    }
    for text in &args.refill {
        let (place, reason) = pair(text, "标识/单位/席次=原因")?;
        // Identifiers may contain slashes, so the place is read from its end.
        let mut parts = place.rsplitn(3, '/');
        let slot = parts.next().and_then(|s| s.parse().ok());
        let (Some(slot), Some(unit), Some(id)) = (slot, parts.next(), parts.next()) else {
            return Err(fault!("argument", "“{text}”应写成 标识/单位/席次=原因,席次从0起").into());
        };
        next.refill.push((id.to_owned(), unit.to_owned(), slot, reason.to_owned()));
    }
    next.inspectors = args.inspectors.as_deref().map(lists::inspectors).transpose()?;
    Ok(next)
}
