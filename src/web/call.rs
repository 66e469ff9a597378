//! One request on its way through the server: who asks, and the transactions that answer.

use super::auth::Claims;
use super::html::browser::Browser;
use super::problem;
use super::reply::{Answer, IntoBody, Reply};
use super::router::Allow;
use super::server::Server;
use crate::domain::access::{Actor, may_ever};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::{self, Cx, Origin};
use crate::service::login;
use crate::store::accounts::{self, Known};
use crate::store::conn::Conn;
use crate::store::idempotency::{self, Kept};
use crate::store::types::{At, Doc};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A request.
#[derive(Debug, Clone)]
pub struct Call {
    /// The server.
    pub server: Arc<Server>,
    /// Where it comes from.
    pub origin: Origin,
    pub(super) claims: Option<Claims>,
    /// The browser that asks, where a page is asked for; a bearer token means nothing there, a cookie nothing elsewhere.
    pub(super) browser: Option<Arc<Browser>>,
    pub(super) allow: Allow,
    /// `Idempotency-Key` and the hash of the request.
    pub(super) key: Option<(String, String)>,
}

impl Call {
    /// Runs `work` on a connection that only reads.
    ///
    /// # Errors
    /// Who asks may not; what `work` answers.
    pub fn read<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        self.server.store.read(|db| {
            let actor = self.actor(db)?;
            let mut cx = self.cx(db, &actor);
            work(&mut cx)
        })
    }

    /// Runs `work` as one durable transaction that also writes the journal and keeps the answer under the request's
    /// Idempotency-Key. It may run more than once.
    ///
    /// # Errors
    /// Who asks may not; what `work` answers, with nothing written.
    pub fn write<T, F>(&self, work: F) -> Result<Answer>
    where
        T: IntoBody + 'static,
        F: Fn(&mut Cx<'_>) -> Result<Reply<T>> + Send + 'static,
    {
        let call = self.clone();
        self.server.store.write(move |db| {
            let actor = call.actor(db)?;
            let claimed = match (&call.key, actor.user) {
                (Some((key, hash)), Some(user)) => match call.claim(db, user, key, hash)? {
                    Claim::Replay(answer) => return Ok(answer),
                    Claim::Mine(kept) => Some(kept),
                },
                _ => None,
            };
            let mut cx = call.cx(db, &actor);
            let reply = work(&mut cx)?;
            if cx.events == 0 {
                return Err(Error::internal("a write without a journal event"));
            }
            let mut answer = reply.into_answer()?;
            // A page shows its form again with the refusal.
            if let Some(error) = answer.refusal.as_ref().filter(|_| call.browser.is_none()) {
                answer = problem::answer(error, &call.origin);
            }
            if let Some(mut kept) = claimed {
                kept.status = i32::from(answer.status);
                kept.content_type.clone_from(&answer.content_type);
                kept.headers = Doc(answer.headers.clone());
                kept.body.clone_from(&answer.body);
                idempotency::settle(db, &kept)?;
            }
            Ok(answer)
        })
    }

    /// The answer kept under this request's Idempotency-Key, if it has been answered before: a route that computes
    /// long before it writes asks first.
    ///
    /// # Errors
    /// The key was used for another request.
    pub fn replayed(&self) -> Result<Option<Answer>> {
        let Some((key, hash)) = self.key.clone() else { return Ok(None) };
        let call = self.clone();
        self.server.store.write(move |db| {
            let Some(user) = call.actor(db)?.user else { return Ok(None) };
            replay(db, user, &key, &hash)
        })
    }

    fn claim(&self, db: &mut Conn, user: Id, key: &str, hash: &str) -> Result<Claim> {
        let kept = Kept {
            user_id: user,
            key: key.to_owned(),
            request_hash: hash.to_owned(),
            status: 0,
            content_type: String::new(),
            headers: Doc(Vec::new()),
            body: Vec::new(),
            replays: 0,
            created_at: At(self.server.clock.now()),
        };
        if idempotency::claim(db, &kept)? {
            return Ok(Claim::Mine(kept));
        }
        // Taken by a transaction that has been undone since: try again.
        replay(db, user, key, hash)?
            .map(Claim::Replay)
            .ok_or_else(|| Error::Again("idempotency key".to_owned()))
    }

    /// Whoever holds the token or the session of the request.
    fn known(&self, db: &mut Conn, now: DateTime<Utc>) -> Result<Option<Known>> {
        let ended = || Error::Unauthenticated("session_ended", "登录已结束,请重新登录".to_owned());
        if let Some(claims) = &self.claims {
            return accounts::actor(db, claims.sid, now)?.ok_or_else(ended).map(Some);
        }
        let Some((browser, key)) = self.browser.as_ref().and_then(|b| Some((b, b.session.as_deref()?)))
        else {
            return Ok(None);
        };
        let found = match login::of_browser(db, &self.server.rules, key, now)? {
            Some(session) => accounts::actor(db, session.id, now)?.map(|known| (session, known)),
            None => None,
        };
        match found {
            Some((session, known)) => {
                let _ = browser.known.set((session.user_id, session.id));
                if login::is_stale(&self.server.rules, &session, now) {
                    let _ = browser.touch.set(session.id);
                }
                Ok(Some(known))
            }
            // What is for everybody is for those whose session has ended, too.
            None if self.allow == Allow::Public => Ok(None),
            None => Err(ended()),
        }
    }

    /// Who asks, and whether the route is for such people at all.
    fn actor(&self, db: &mut Conn) -> Result<Actor> {
        let now = self.server.clock.now();
        let mut actor = Actor::anonymous();
        actor.region.clone_from(&self.server.rules.region.code);
        if let Some(known) = self.known(db, now)? {
            actor = known.actor;
            let own = matches!(
                self.allow,
                Allow::Public | Allow::Action(crate::domain::access::Action::OwnAccount)
            );
            if known.must_change && !own {
                return Err(Error::Refused {
                    code: "password_change_required",
                    text: "请先修改密码".to_owned(),
                    state: None,
                });
            }
            let needed = &self.server.rules.login.totp_roles;
            if !own && !known.second_factor && needed.iter().any(|role| actor.roles.has(*role)) {
                return Err(Error::refused("second_factor_required", "您的角色须先启用动态验证码"));
            }
        }
        match self.allow {
            Allow::Public => Ok(actor),
            Allow::Action(_) if actor.user.is_none() => Err(cx::unauthenticated()),
            Allow::Action(action) if may_ever(&actor, action) => Ok(actor),
            Allow::Action(_) => Err(cx::denied()),
        }
    }

    fn cx<'a>(&'a self, db: &'a mut Conn, actor: &'a Actor) -> Cx<'a> {
        Cx {
            db,
            actor,
            now: self.server.clock.now(),
            entropy: &self.server.entropy,
            origin: &self.origin,
            keys: &self.server.keys,
            memory: &self.server.memory,
            rules: &self.server.rules,
            events: 0,
        }
    }
}

enum Claim {
    Mine(Kept),
    Replay(Answer),
}

fn replay(db: &mut Conn, user: Id, key: &str, hash: &str) -> Result<Option<Answer>> {
    let Some(kept) = idempotency::replay(db, user, key)? else { return Ok(None) };
    if kept.request_hash != hash {
        return Err(Error::KeyReused);
    }
    let mut headers = kept.headers.0;
    headers.push(("Idempotency-Replayed".to_owned(), "true".to_owned()));
    Ok(Some(Answer {
        status: u16::try_from(kept.status).unwrap_or(500),
        content_type: kept.content_type,
        headers,
        body: kept.body,
        refusal: None,
        stream: None,
    }))
}
