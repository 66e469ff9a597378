//! Item lists and joint plans as departments publish them, to typed rows for an import; what only a person can
//! decide is kept as text and told.

use super::cells::{Cells, Repairs};
use super::fault::{Fault, Faults, Report};
use super::headers::{self, Layout, Place};
use super::table::{self, Limits, Sheet};
use super::text;
use crate::domain::ratio::Ratio;
use crate::domain::window::WindowText;
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;

/// What kind of list a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// 抽查事项清单.
    Items,
    /// 抽查计划.
    Plans,
}

/// 事项类别.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 一般检查事项.
    General,
    /// 重点检查事项.
    Key,
}

/// 检查方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// 现场检查, 实地核查.
    OnSite,
    /// 书面检查, 查阅资料.
    Written,
    /// 网络检查, 非现场检查.
    Online,
    /// 抽样检测.
    Sampling,
    /// 专业机构核查.
    Professional,
}

/// A department named as initiator or partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Its name as written.
    pub name: String,
    /// When it acts, where the list says so in parentheses (检查电影院时宣传部门发起).
    pub condition: Option<String>,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Row in the file.
    pub row: u32,
    /// 序号, as written.
    pub no: String,
    /// The department that owns the list; empty when the list does not name it.
    pub department: String,
    /// 抽查领域, or the name of the joint task.
    pub field: String,
    /// 抽查事项.
    pub item: String,
    /// 抽查子项.
    pub sub_item: String,
    /// 检查对象, as written.
    pub subject_type: String,
    /// 事项类别.
    pub category: Option<Category>,
    /// 检查方式 recognised, ascending.
    pub methods: Vec<Method>,
    /// 检查方式 as written.
    pub method: String,
    /// 检查主体.
    pub executing_body: String,
    /// 抽查依据, one legal text each.
    pub legal_basis: Vec<String>,
    /// 抽查比例; none when the list has none.
    pub ratio: Option<Ratio>,
    /// 抽查频次, as written.
    pub frequency: String,
    /// 发起部门; more than one where they initiate jointly or by turns.
    pub initiators: Vec<Party>,
    /// 配合部门 named.
    pub partners: Vec<Party>,
    /// Whether the partners are whoever else is concerned (市场监管领域相关部门).
    pub any_partner: bool,
    /// 检查时间; none when the list has none.
    pub window: Option<WindowText>,
    /// 信用分类规则, as written.
    pub credit_rule: String,
    /// 人员要求, as written.
    pub inspector_requirement: String,
    /// 备注.
    pub remark: String,
    /// Whether every cell could be read.
    #[serde(skip)]
    pub sound: bool,
}

/// A list read.
#[derive(Debug, Clone, Serialize)]
pub struct List {
    /// Kind.
    pub kind: ListKind,
    /// Rows, in file order.
    pub entries: Vec<Entry>,
    /// What somebody should look at.
    pub warnings: Faults,
}

/// Reads a list from a CSV or XLSX file.
///
/// # Errors
/// All faults of the file.
pub fn read(path: &Path, kind: ListKind) -> Result<List, Faults> {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let limits = Limits::default();
    let refused = |fault: Fault| {
        let mut report = Report::default();
        report.push(fault.file(&name, None));
        report.finish()
    };
    match std::fs::metadata(path) {
        Ok(meta) if meta.len() > limits.file_bytes => {
            let why = format!("文件有 {} 字节,超过上限 {}", meta.len(), limits.file_bytes);
            return Err(refused(Fault::error("too_big", why, "请拆成几个文件分别导入")));
        }
        _ => {}
    }
    match std::fs::read(path) {
        Ok(bytes) => read_bytes(&name, &bytes, kind, &limits),
        Err(e) => Err(refused(Fault::error("unreadable", format!("无法读取:{e}"), "请核对路径和读取权限"))),
    }
}

/// Reads a list from the bytes of a CSV or XLSX file called `name`.
///
/// # Errors
/// All faults of the file.
pub fn read_bytes(name: &str, bytes: &[u8], kind: ListKind, limits: &Limits) -> Result<List, Faults> {
    let list = read_rows(name, bytes, kind, limits);
    if list.warnings.has_errors() { Err(list.warnings) } else { Ok(list) }
}

/// [`read_bytes`] with the rows that could be read beside those that could not; `warnings` then also holds errors.
#[must_use]
pub fn read_rows(name: &str, bytes: &[u8], kind: ListKind, limits: &Limits) -> List {
    let mut report = Report::default();
    let sheets = if table::is_archive(bytes) {
        table::read_xlsx(bytes, limits)
    } else {
        table::read_csv(bytes, limits).map(|s| vec![s])
    };
    let sheets: Vec<Sheet> = match sheets {
        Ok(sheets) => sheets.into_iter().filter(|s| !s.is_empty()).collect(),
        Err(fault) => {
            let sheet = fault.sheet.clone();
            report.push(fault.file(name, sheet.as_deref()));
            return List { kind, entries: Vec::new(), warnings: report.finish() };
        }
    };
    let mut entries = Vec::new();
    let Some(table) = headers::table("item_list") else {
        return List { kind, entries, warnings: report.finish() };
    };
    let mut read_any = false;
    let mut refused = Vec::new();
    for sheet in &sheets {
        match Layout::find(table, sheet) {
            Ok(layout) => {
                read_any = true;
                one(name, sheet, &layout, kind, &mut report, &mut entries);
            }
            Err(faults) => refused.extend(faults.into_iter().map(|f| f.file(name, sheet.name.as_deref()))),
        }
    }
    if !read_any || sheets.len() == 1 {
        refused.into_iter().for_each(|f| report.push(f));
    }
    if sheets.is_empty() {
        report.push(Fault::error("empty_table", "文件中没有数据", "请确认没有选错文件").file(name, None));
    } else if read_any && entries.is_empty() {
        report.push(Fault::error("empty_table", "只有表头,没有数据", "请确认没有选错文件").file(name, None));
    }
    List { kind, entries, warnings: report.finish() }
}

fn one(
    file: &str,
    sheet: &Sheet,
    layout: &Layout,
    kind: ListKind,
    report: &mut Report,
    entries: &mut Vec<Entry>,
) {
    for title in &layout.unknown {
        report.push(
            Fault::warning("unknown_column", "不认识的列,已忽略", "若是必要的列,请改用通用的列名")
                .at(0, title.clone())
                .file(file, sheet.name.as_deref()),
        );
    }
    let place = |id: &str| layout.place(id);
    let mut repairs = Repairs::new();
    let mut seen: HashMap<[String; 5], u32> = HashMap::new();
    for i in layout.first..sheet.len() {
        let row = sheet.row(i);
        if layout.repeats(sheet, row) {
            continue;
        }
        let overflow = layout.overflow(sheet, row);
        let shifted = overflow.is_some();
        if let Some(fault) = overflow {
            report.push(fault.file(file, sheet.name.as_deref()));
        }
        let mut cells = Cells {
            row,
            file,
            sheet: sheet.name.as_deref(),
            epoch_1904: sheet.epoch_1904,
            report: &mut *report,
            repairs: &mut repairs,
            sound: true,
        };
        if row.texts().filter(|t| !t.trim().is_empty()).count() == 1 && cells.text(place("item")).is_empty() {
            let whole = Place { at: None, title: "" };
            cells.fault(whole, Fault::warning("remark_row", "整行只有一格文字,按说明忽略", ""));
            continue;
        }
        let mut entry = entry(&mut cells, layout);
        judge(&mut cells, layout, kind, &entry);
        entry.sound = cells.sound && !shifted;
        let twin = [&entry.department, &entry.field, &entry.item, &entry.sub_item, &entry.subject_type]
            .map(Clone::clone);
        if let Some(earlier) = seen.get(&twin) {
            let why = format!("与第 {earlier} 行的部门、领域、事项、子项和检查对象都相同");
            cells.fault(place("item"), Fault::warning("same_row", why, "请核对是否重复"));
        } else {
            seen.insert(twin, row.number);
        }
        entries.push(entry);
    }
}

fn entry(c: &mut Cells<'_>, l: &Layout) -> Entry {
    let ratio = c.text(l.place("ratio"));
    let window = c.text(l.place("window"));
    let method = c.text(l.place("method"));
    let (partners, any_partner) = partners(&c.text(l.place("partners")));
    Entry {
        row: c.row.number,
        no: c.text(l.place("no")),
        department: c.text(l.place("department")),
        field: c.text(l.place("field")),
        item: c.text(l.place("item")),
        sub_item: c.text(l.place("sub_item")),
        subject_type: c.text(l.place("subject_type")),
        category: category(&c.text(l.place("item_class"))),
        methods: methods(&method),
        method,
        executing_body: c.text(l.place("executing_body")),
        legal_basis: c
            .text(l.place("legal_basis"))
            .split(['|', ';', '\u{ff1b}'])
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect(),
        ratio: (!ratio.is_empty()).then(|| Ratio::parse(&ratio)),
        frequency: c.text(l.place("frequency")),
        initiators: parties(&c.text(l.place("initiators"))),
        partners,
        any_partner,
        window: (!window.is_empty()).then(|| WindowText::parse(&window)),
        credit_rule: c.text(l.place("credit_rule")),
        inspector_requirement: c.text(l.place("inspector_requirement")),
        remark: c.text(l.place("remark")),
        sound: true,
    }
}

/// Tells what a person must decide.
fn judge(c: &mut Cells<'_>, l: &Layout, kind: ListKind, e: &Entry) {
    let mut warn = |id: &str, code: &'static str, why: String, cure: &str| {
        c.fault(l.place(id), Fault::warning(code, why, cure));
    };
    if e.ratio.as_ref().is_some_and(|r| r.rule.is_none()) {
        warn(
            "ratio",
            "ratio_not_understood",
            "从文字看不出抽多少,保留原文".to_owned(),
            "导入后请填写比例或数量",
        );
    }
    if e.window.as_ref().is_some_and(|w| w.spans.is_empty()) {
        warn(
            "window",
            "window_not_understood",
            "从文字看不出起止日期,保留原文".to_owned(),
            "导入后请填写起止日期",
        );
    }
    if !e.method.is_empty() && e.methods.is_empty() {
        warn(
            "method",
            "method_not_understood",
            "不是可识别的检查方式,保留原文".to_owned(),
            "导入后请选择检查方式",
        );
    }
    if e.initiators.iter().any(|p| p.condition.is_some()) {
        warn(
            "initiators",
            "initiator_depends",
            "发起部门因检查对象而异".to_owned(),
            "导入后请按检查对象分别指定",
        );
    }
    if e.initiators.len() > 1 {
        let names: Vec<&str> = e.initiators.iter().map(|p| p.name.as_str()).collect();
        warn(
            "initiators",
            "several_initiators",
            format!("有 {} 个发起部门:{}", names.len(), names.join("、")),
            "请确定由谁牵头",
        );
    }
    if e.any_partner {
        warn(
            "partners",
            "any_partner",
            "配合部门未写明具体部门".to_owned(),
            "请由协调办按检查对象的监管部门确定",
        );
    }
    if let Some(twice) = e.partners.iter().find(|p| e.initiators.iter().any(|i| i.name == p.name)) {
        warn(
            "partners",
            "partner_is_initiator",
            format!("“{}”既是发起部门又是配合部门", twice.name),
            "请删除一处",
        );
    }
    let joint = l.place("initiators").at.is_some();
    if joint && e.initiators.is_empty() {
        warn("initiators", "no_initiator", "没有发起部门".to_owned(), "请补填");
    }
    if joint && e.partners.is_empty() && !e.any_partner {
        warn("partners", "no_partner", "没有配合部门".to_owned(), "请确认是否为本部门单独抽查");
    }
    if kind == ListKind::Plans && e.ratio.is_none() {
        warn("ratio", "no_ratio", "计划没有写抽查比例或数量".to_owned(), "请补填");
    }
    if l.place("item_class").at.is_some() && e.category.is_none() {
        warn(
            "category",
            "category_not_understood",
            "不是“一般检查事项”或“重点检查事项”".to_owned(),
            "请核对",
        );
    }
    if e.item.is_empty() {
        c.fault(
            l.place("item"),
            Fault::error("empty_cell", "没有事项名称", "请补填;合并单元格导出的空格请填满"),
        );
    }
}

fn category(word: &str) -> Option<Category> {
    let key = text::key(word);
    match (key.contains("重点"), key.contains("一般")) {
        (true, false) => Some(Category::Key),
        (false, true) => Some(Category::General),
        _ => None,
    }
}

/// The methods a text names, by its words.
#[must_use]
pub fn methods(text: &str) -> Vec<Method> {
    let rest = text.replace("非现场", "网络");
    let named = |words: &[&str]| words.iter().any(|w| rest.contains(w));
    [
        (Method::OnSite, named(&["现场", "实地", "上门"])),
        (Method::Written, named(&["书面", "书式", "查阅", "资料", "档案", "文件", "备案审查", "调账"])),
        (Method::Online, named(&["网络", "线上", "监测", "网上"])),
        (Method::Sampling, named(&["抽样", "检测", "检验", "样品"])),
        (Method::Professional, named(&["专业机构", "第三方"])),
    ]
    .into_iter()
    .filter_map(|(method, yes)| yes.then_some(method))
    .collect()
}

/// Departments of a cell. A parenthesis behind a name is its condition.
#[must_use]
pub fn parties(text: &str) -> Vec<Party> {
    let mut out: Vec<Party> = Vec::new();
    let mut depth = 0u32;
    let mut part = String::new();
    for c in text.chars().chain([';']) {
        match c {
            '(' | '\u{ff08}' => depth += 1,
            ')' | '\u{ff09}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '\u{ff1b}' | '、' | ',' | '\u{ff0c}' | '|' | '/' | '\u{ff0f}') {
            let piece = part.trim();
            let (name, condition) = match piece.find(['(', '\u{ff08}']) {
                Some(at) if piece.ends_with([')', '\u{ff09}']) => (
                    piece[..at].trim(),
                    Some(piece[at..].trim_matches(['(', ')', '\u{ff08}', '\u{ff09}']).to_owned()),
                ),
                _ => (piece, None),
            };
            if !name.is_empty() && !out.iter().any(|p| p.name == name) {
                out.push(Party { name: name.to_owned(), condition });
            }
            part.clear();
        } else {
            part.push(c);
        }
    }
    out
}

/// Partners named, and whether any department concerned is meant.
fn partners(text: &str) -> (Vec<Party>, bool) {
    let any = |p: &Party| {
        ["相关部门", "有关部门", "各部门", "相关单位", "有关单位"].iter().any(|w| p.name.contains(w))
    };
    let all = parties(text);
    let wildcard = all.iter().any(any);
    (all.into_iter().filter(|p| !any(p)).collect(), wildcard)
}
