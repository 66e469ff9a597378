//! What a use case works with: the open transaction, who asks, the time, and what it leaves behind.

use crate::domain::access::{self, Action, Actor, Scope, Verdict};
pub use crate::domain::journal::event::{Event, Origin};
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::conn::Conn;
use crate::store::{journal, outbox};
use chrono::{DateTime, NaiveDate, Utc};

/// One use case in one transaction.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The open connection; in a transaction when the use case writes.
    pub db: &'a mut Conn,
    /// Who asks.
    pub actor: &'a Actor,
    /// When.
    pub now: DateTime<Utc>,
    /// Where randomness comes from.
    pub entropy: &'a Entropy,
    /// Where the request came from.
    pub origin: &'a Origin,
    /// The server's keys, from which secrets are derived that lie in no database.
    pub keys: &'a crate::keys::Keys,
    /// What the server keeps between requests.
    pub memory: &'a super::memory::Memory,
    /// Settings of the server that use cases depend on.
    pub rules: &'a super::rules::Rules,
    /// Journal events written so far.
    pub events: usize,
}

impl Cx<'_> {
    /// Today in China.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        crate::clock::china_date(self.now)
    }

    /// The county of whoever asks.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.actor.region
    }

    /// A new identifier.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn id(&self) -> Result<Id> {
        Id::new(self.now, self.entropy).map_err(|e| Error::internal(&e))
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        self.entropy.bytes().map_err(|e| Error::internal(&e))
    }

    /// Refuses what the policy does not allow: 403, or 404 where the thing must stay unknown.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`], [`Error::Unauthenticated`].
    pub fn may(&self, action: Action, scope: &Scope<'_>) -> Result<()> {
        match access::may(self.actor, action, scope) {
            Verdict::Allowed => Ok(()),
            Verdict::Hidden => Err(Error::NotFound("记录")),
            Verdict::Denied if self.actor.user.is_none() => Err(unauthenticated()),
            Verdict::Denied => Err(denied()),
        }
    }

    /// Whether the policy allows it, for filtering lists.
    #[must_use]
    pub fn can(&self, action: Action, scope: &Scope<'_>) -> bool {
        access::may(self.actor, action, scope) == Verdict::Allowed
    }

    /// The department of whoever asks.
    ///
    /// # Errors
    /// He belongs to none.
    pub fn department(&self) -> Result<Id> {
        self.actor.department.ok_or_else(denied)
    }

    /// The account of whoever asks.
    ///
    /// # Errors
    /// Nobody has logged in.
    pub fn user(&self) -> Result<Id> {
        self.actor.user.ok_or_else(unauthenticated)
    }

    /// Refuses a change of another version than the one the client read (`If-Match`).
    ///
    /// # Errors
    /// [`Error::PreconditionRequired`], [`Error::Stale`].
    pub fn fresh(&self, version: i64) -> Result<()> {
        match self.origin.if_match {
            None => Err(Error::PreconditionRequired),
            Some(seen) if seen == version => Ok(()),
            Some(_) => Err(Error::Stale(version)),
        }
    }

    /// The same for an act that need not say which version it means: one that does is refused when it means another.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn unchanged(&self, version: i64) -> Result<()> {
        match self.origin.if_match {
            Some(seen) if seen != version => Err(Error::Stale(version)),
            _ => Ok(()),
        }
    }

    /// Writes the act into the journal, in this transaction. Without it a write does not commit.
    ///
    /// # Errors
    /// The database; a fact that has no canonical form.
    pub fn journal(&mut self, event: Event) -> Result<()> {
        let id = self.id()?;
        // The address is personal too.
        let salt = if event.private.is_some() || !self.origin.address.is_empty() {
            Some(self.random::<32>()?)
        } else {
            None
        };
        journal::append(self.db, self.actor, self.origin, self.now, id, salt, event)?;
        self.events += 1;
        Ok(())
    }

    /// Writes an event as the act of somebody who has just shown who he is and is not yet this context's actor.
    ///
    /// # Errors
    /// As [`Self::journal`].
    pub fn journal_as(&mut self, user: Id, department: Option<Id>, event: Event) -> Result<()> {
        let id = self.id()?;
        let salt = Some(self.random::<32>()?);
        let actor = Actor { user: Some(user), department, ..self.actor.clone() };
        journal::append(self.db, &actor, self.origin, self.now, id, salt, event)?;
        self.events += 1;
        Ok(())
    }

    /// Puts a mail into the outbox, in this transaction. A second one with the same `dedupe` is dropped.
    ///
    /// # Errors
    /// The database.
    pub fn mail(&mut self, mail: outbox::Mail) -> Result<()> {
        let id = self.id()?;
        outbox::put(self.db, &self.actor.region, id, self.now, &mail)
    }
}

/// Nobody has logged in.
#[must_use]
pub fn unauthenticated() -> Error {
    Error::Unauthenticated("login_required", "请先登录".to_owned())
}

/// A role that does not do such things.
#[must_use]
pub fn denied() -> Error {
    Error::Denied("您的角色无权执行此操作".to_owned())
}
