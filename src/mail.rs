//! Sending mail: the only place that names lettre.

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Address, FileTransport, Message, SmtpTransport, Transport};

/// Whether a text is a mail address.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

/// A way to send mail.
#[derive(Debug)]
pub enum Mailer {
    /// Through a mail server.
    Smtp(Box<SmtpTransport>),
    /// Into a folder, one `.eml` each: for trying out.
    Folder(FileTransport),
}

/// One mail, ready to go.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// `Name <address>` or an address.
    pub from: &'a str,
    /// Address.
    pub to: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Plain text.
    pub body: &'a str,
    /// Stays the same when the mail is sent again, so that the receiver can tell.
    pub message_id: &'a str,
}

/// Why a mail did not go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It will never go: a bad address, a refusal of the server.
    #[error("{0}")]
    Never(String),
    /// This one may go later; others may go now.
    #[error("{0}")]
    Later(String),
    /// The mail server cannot be reached or does not let us in: none goes now.
    #[error("{0}")]
    Unreachable(String),
}

impl Mailer {
    /// Opens a transport: `smtp://host:port`, `smtps://user:password@host`, `file:FOLDER`.
    ///
    /// # Errors
    /// An address that is none of these; in words.
    pub fn open(transport: &str) -> Result<Self, String> {
        if let Some(folder) = transport.strip_prefix("file:") {
            std::fs::create_dir_all(folder).map_err(|e| format!("mail.transport {folder}:{e}"))?;
            return Ok(Self::Folder(FileTransport::new(folder)));
        }
        if transport.starts_with("smtp://") || transport.starts_with("smtps://") {
            let builder = SmtpTransport::from_url(transport).map_err(|e| format!("mail.transport:{e}"))?;
            let built = builder.timeout(Some(std::time::Duration::from_secs(20))).build();
            return Ok(Self::Smtp(Box::new(built)));
        }
        Err("mail.transport 须为 smtp://主机:端口、smtps://… 或 file:文件夹".to_owned())
    }

    /// Sends one mail. Blocks.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn send(&self, letter: &Letter<'_>) -> Result<(), MailError> {
        let never = |e: &dyn std::fmt::Display| MailError::Never(e.to_string());
        let from: Mailbox = letter.from.parse().map_err(|e| never(&e))?;
        let to: Mailbox = letter.to.parse().map_err(|e| never(&e))?;
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject(letter.subject)
            .message_id(Some(letter.message_id.to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.to_owned())
            .map_err(|e| never(&e))?;
        match self {
            Self::Smtp(smtp) => match smtp.send(&message) {
                Ok(_) => Ok(()),
                Err(e) => Err(refusal(&e)),
            },
            Self::Folder(folder) => {
                folder.send(&message).map(|_| ()).map_err(|e| MailError::Later(e.to_string()))
            }
        }
    }
}

/// What a mail server's answer means. A refused login or a demand for one is ours to mend, not the mail's fault
/// (RFC 4954: 530, 534, 535, 538).
fn refusal(error: &lettre::transport::smtp::Error) -> MailError {
    let text = error.to_string();
    match error.status().map(u16::from) {
        Some(530 | 534 | 535 | 538 | 421) => MailError::Unreachable(text),
        Some(_) if error.is_permanent() => MailError::Never(text),
        Some(_) => MailError::Later(text),
        None if error.is_response() || error.is_client() => MailError::Later(text),
        None => MailError::Unreachable(text),
    }
}
