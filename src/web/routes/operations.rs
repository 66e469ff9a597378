//! The journal and the outbox.

use crate::domain::access::Action::*;
use crate::web::api::{journal, outbox};
use crate::web::router::Allow::{Action, Public};
use crate::web::router::Router;

pub(super) fn operations(r: &mut Router) {
    r.read("/api/v1/journal/checkpoint", Public, "操作日志的签名检查点", journal::checkpoint);
    r.view::<_, _, journal::Plain>("/api/v1/journal/key", Public, "操作日志的公钥", journal::key);
    r.read("/api/v1/journal/proof/inclusion", Public, "事件在日志中的证明", journal::inclusion);
    r.read("/api/v1/journal/proof/consistency", Public, "日志只增不改的证明", journal::consistency);
    r.read("/api/v1/journal", Action(ViewJournal), "操作日志", journal::list);
    r.read("/api/v1/journal/{id}", Action(ViewJournal), "日志事件", journal::get);
    r.write(
        "POST",
        "/api/v1/journal/{id}/erase",
        Action(EraseJournalPrivate),
        "清除事件的个人信息",
        journal::erase,
    );

    r.read("/api/v1/outbox", Action(ViewOutbox), "发件箱", outbox::list);
    r.write("POST", "/api/v1/outbox/{id}/retry", Action(RetryOutbox), "重发已放弃的邮件", outbox::retry);
}
