//! 抽取记录: what was drawn, when, by which draw, and how anybody can check it. Printed and signed at the end of a
//! ceremony, so that paper and log can be held against each other.

use super::or_dash;
use super::sheet::{Block, Cell, Row, Sheet, Table};
use serde::Serialize;

/// A witness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WitnessLine {
    /// Token in the record.
    pub token: String,
    /// Commitment, hex.
    pub commitment: String,
    /// Whether the card was opened.
    pub revealed: bool,
}

/// A draw: an attempt, also one that was aborted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DrawLine {
    /// Number of the attempt and of the round.
    pub attempt: String,
    /// State, in words.
    pub state: String,
    /// Policy.
    pub policy: String,
    /// `draw_id`, hex.
    pub draw_id: String,
    /// Subjects in the pool, and drawn.
    pub pool_size: i64,
    /// Drawn.
    pub drawn: i64,
    /// Opened, and last step.
    pub opened: String,
    /// Last step.
    pub ended: String,
    /// Why it was aborted; may be empty.
    pub reason: String,
    /// Root over the log of the draw, hex.
    pub log_root: String,
    /// Newest signed checkpoint in it; may be empty.
    pub checkpoint: String,
    /// SHA-256 of the published file, hex.
    pub file_sha256: String,
    /// The page on which anybody sees and checks the draw; empty: the code says its number instead.
    pub link: String,
    /// Witnesses.
    pub witnesses: Vec<WitnessLine>,
}

/// A drawn subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DrawnLine {
    /// Round.
    pub round: i32,
    /// Number in the pool.
    pub place: i64,
    /// Stratum.
    pub stratum: String,
    /// Name; empty where it must not be told yet.
    pub name: String,
    /// Key; empty where it must not be told yet.
    pub key: String,
    /// Whether it fell away since, and why.
    pub gone: String,
}

/// A draw record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DrawRecord {
    /// Name of the county.
    pub county: String,
    /// Number of the joint inspection.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Initiating department.
    pub initiator: String,
    /// All attempts and rounds.
    pub draws: Vec<DrawLine>,
    /// The drawn.
    pub drawn: Vec<DrawnLine>,
}

impl DrawRecord {
    /// The record.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let mut blocks = vec![Block::Paragraph(format!(
            "{}（{}），发起部门：{}。",
            self.name,
            self.number,
            or_dash(&self.initiator)
        ))];
        for d in &self.draws {
            self.draw(d, &mut blocks);
        }
        blocks.push(Block::Heading("抽取结果".to_owned()));
        let row = |w: &DrawnLine| {
            let name = if w.name.is_empty() {
                "（突击检查，检查开始前不列名）".to_owned()
            } else {
                w.name.clone()
            };
            let texts = [w.round.to_string(), w.place.to_string(), or_dash(&w.stratum)];
            let mut cells: Vec<Cell> = texts.into_iter().map(Cell::center).collect();
            cells.push(Cell::text(name));
            cells.push(Cell::text(or_dash(&w.key)));
            cells.push(Cell::text(&w.gone));
            Row::of(cells)
        };
        blocks.push(Block::Table(Table {
            widths: vec![8, 12, 12, 30, 24, 14],
            head: ["轮次", "名录编号", "分层", "检查对象", "代码（注册号）", "备注"]
                .map(str::to_owned)
                .to_vec(),
            rows: self.drawn.iter().map(row).collect(),
        }));
        blocks.push(Block::Small(
            "核验：下载抽取包，运行 onedoor verify 文件 --draw-id 抽取编号；文件的 SHA-256 应与上列一致。"
                .to_owned(),
        ));
        let sign = |text: &str| vec![Cell::label(text), Cell::text("")];
        let signatures = [["主持人", "操作人"], ["见证人", "记录人"]];
        blocks.push(Block::Table(Table {
            widths: vec![15, 35, 15, 35],
            head: Vec::new(),
            rows: signatures
                .iter()
                .map(|pair| Row::high(12, pair.iter().flat_map(|t| sign(t)).collect()))
                .collect(),
        }));
        vec![Sheet {
            red_head: String::new(),
            title: "随机抽取记录".to_owned(),
            subtitle: self.county.clone(),
            number: self.number.clone(),
            blocks,
        }]
    }

    fn draw(&self, d: &DrawLine, blocks: &mut Vec<Block>) {
        blocks.push(Block::Heading(format!("抽取{}：{}", d.attempt, d.state)));
        let wide = |a: &str, b: &str| Row::of(vec![Cell::label(a), Cell::text(or_dash(b)).over(3)]);
        let pair = |a: &str, b: &str, c: &str, e: &str| {
            Row::of(vec![Cell::label(a), Cell::text(b), Cell::label(c), Cell::text(e)])
        };
        let mut rows = vec![
            pair("名录户数", &d.pool_size.to_string(), "抽中户数", &d.drawn.to_string()),
            pair("开始", &d.opened, "最后一步", &d.ended),
            wide("公开方式", &d.policy),
        ];
        if !d.reason.is_empty() {
            rows.push(wide("中止原因", &d.reason));
        }
        for w in &d.witnesses {
            let card = if w.revealed { "已亮牌" } else { "未亮牌" };
            rows.push(wide("见证人", &format!("{} {card}\n承诺值 {}", w.token, or_dash(&w.commitment))));
        }
        blocks.push(Block::Table(Table { widths: vec![18, 32, 18, 32], head: Vec::new(), rows }));
        blocks.push(Block::Code(format!("抽取编号 {}", d.draw_id)));
        blocks.push(Block::Code(format!("日志根 {}", d.log_root)));
        blocks.push(Block::Code(format!("抽取包SHA-256 {}", d.file_sha256)));
        if !d.checkpoint.is_empty() {
            blocks.push(Block::Code(d.checkpoint.clone()));
        }
        // The checkpoint is printed above: a code with it would be too dense to be read from paper.
        let (text, caption) = if d.link.is_empty() {
            (format!("vdr/1 draw {}", d.draw_id), "抽取编号")
        } else {
            (d.link.clone(), "扫码查看、核验本次抽取")
        };
        blocks.push(Block::Qr { text, caption: caption.to_owned() });
    }
}
