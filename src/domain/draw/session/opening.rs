//! The first step: snapshots, opening record, first checkpoints.

use super::draft::{exclusions, list_ref, opening_faults, strata, tokens};
use super::ledger::own_cosigner;
use super::private::PRIVATE_FORM;
use super::{Draft, Private, RulesDoc, Secrets, Session};
use crate::domain::draw::bundle::{Audit, Bundle, FORM, LogPart, inspector_rows};
use crate::domain::draw::bytes::sha256;
use crate::domain::draw::entropy::server_commitment;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::note::{Speaker, VerifierKey, base64};
use crate::domain::draw::outcome;
use crate::domain::draw::pool::{InspectorPool, PoolKey, SubjectPool};
use crate::domain::draw::record::{Open, excluded_bytes};
use crate::domain::draw::replay::{Standing, barred_numbers};

impl Session {
    /// Opens a draw: snapshots, opening record, first checkpoints.
    ///
    /// # Errors
    /// Every fault of the lists, the tokens, the quotas and the policy.
    pub fn open(draft: Draft, secrets: &Secrets, now: u64) -> Result<Self, Vec<Fault>> {
        let mut faults = tokens(&draft);
        let audit = Audit {
            subjects: draft
                .subjects
                .iter()
                .map(|s| (s.id.clone(), s.stratum.clone(), s.weight, hex::encode(s.attrs)))
                .collect(),
            pool_key: hex::encode(secrets.pool_key),
        };
        let pool = SubjectPool::new(draft.subjects.iter().cloned()).unwrap_or_else(|f| {
            faults.extend(f);
            SubjectPool::empty()
        });
        let people = InspectorPool::new(draft.inspectors.iter().cloned()).unwrap_or_else(|f| {
            faults.extend(f);
            InspectorPool::empty()
        });
        if !faults.is_empty() {
            return Err(faults);
        }
        let excluded = exclusions(&draft.excluded, &pool)?;
        let (key, people_key) = (PoolKey::new(secrets.pool_key), PoolKey::new(secrets.inspector_key));
        let subjects = pool.record(&draft.authority, draft.as_of, &key, None);
        let inspectors = people.record(&draft.authority, draft.as_of, &people_key, None);
        let (subject_bytes, people_bytes) = (subjects.to_bytes(), inspectors.to_bytes());
        let barred = barred_numbers(&excluded, &Standing::default());
        let strata = strata(&draft.strata, |code| outcome::eligible(&subjects, code, &barred));
        for t in draft.teams.iter().filter(|t| t.unit != "*") {
            if !people.members().iter().any(|m| m.unit == t.unit) {
                faults.push(fault!("unit_empty", "人员库中没有单位{}的人员,请核对单位代码", t.unit));
            }
        }
        for s in draft.strata.iter().filter(|s| subjects.stratum_count(&s.code) == 0) {
            faults.push(fault!("stratum_empty", "名录中没有层{},请核对分层代码", s.code));
        }
        let open = Open {
            authority: draft.authority.clone(),
            plan: draft.plan.clone(),
            list: draft.list.clone(),
            seq: draft.seq,
            round: 0,
            parent: None,
            policy: draft.policy,
            subject_pool: sha256(&subject_bytes),
            inspector_pool: sha256(&people_bytes),
            rules_doc: draft.rules.digest(),
            excluded: list_ref(excluded.len(), excluded_bytes(&excluded)),
            refill: None,
            mode: draft.mode,
            total: draft.total,
            total_bp: draft.total_bp,
            strata,
            teams: draft.teams,
            server: server_commitment(&draft.authority, &draft.plan, draft.seq, 0, &secrets.server),
            witnesses: draft.witnesses,
            beacons: draft.beacons,
            not_before: draft.times.not_before,
            deadline: draft.times.deadline,
            publish_by: draft.times.publish_by,
        };
        faults.extend(opening_faults(&open, now));
        let log_key = VerifierKey::of_secret(&draft.origin, Speaker::Log, &secrets.log_key);
        let own =
            VerifierKey::of_secret(&own_cosigner(&draft.origin), Speaker::Cosigner, &secrets.cosign_key);
        faults.extend(log_key.as_ref().err().cloned());
        for key in &draft.cosigners {
            match VerifierKey::parse(key) {
                Ok(key) if key.speaker == Speaker::Cosigner => {}
                Ok(_) => faults.push(fault!("cosigner", "“{key}”不是联署公钥(类型应为4)")),
                Err(f) => faults.push(f),
            }
        }
        let outside = !draft.cosigners.is_empty();
        if draft.quorum == 0 || draft.quorum > draft.cosigners.len().max(1) as u64 {
            faults.push(fault!("quorum", "联署人数门槛须在1与联署人数之间"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (Ok(log_key), Ok(own)) = (log_key, own) else { return Err(faults) };
        let mut session = Self {
            public: Bundle {
                form: Some(FORM.to_owned()),
                spec: "VDR/1".to_owned(),
                log: LogPart {
                    key: Some(log_key.to_string()),
                    cosigners: if outside { draft.cosigners } else { vec![own.to_string()] },
                    quorum: Some(draft.quorum),
                    ..LogPart::default()
                },
                excluded: excluded.iter().map(|e| (e.number, e.reason.clone())).collect(),
                inspectors: Some(inspector_rows(people.members())),
                inspector_key: Some(hex::encode(secrets.inspector_key)),
                rules: match &draft.rules {
                    RulesDoc::Public(bytes) => Some(base64(bytes)),
                    RulesDoc::Digest(_) => None,
                },
                ..Bundle::default()
            },
            private: Private {
                form: PRIVATE_FORM.to_owned(),
                server: hex::encode(secrets.server),
                log_key: hex::encode(secrets.log_key),
                cosign_key: (!outside).then(|| hex::encode(secrets.cosign_key)),
                audit,
                documents: draft.documents.into_iter().collect(),
                cards: Vec::new(),
                sum: String::new(),
            },
        };
        session.append("pool_subjects", &subject_bytes, now)?;
        session.append("pool_inspectors", &people_bytes, now)?;
        session.append("open", &open.to_bytes(), now)?;
        Ok(session)
    }
}
