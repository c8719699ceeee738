//! The schema as the database itself describes it, in one form for both: so that the two can be proven equal.

use crate::{DbError, Tx, args};

/// A column: its table, name, kind (`int`, `real`, `text`, `bytes`), whether it may be null, its place in the primary key (0: none).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// The table's name.
    pub table: String,
    /// The column's name.
    pub name: String,
    /// `int`, `real`, `text` or `bytes`; anything else is the database's own word and a defect.
    pub kind: String,
    /// Whether null may stand there.
    pub nullable: bool,
    /// Place in the primary key counted from 1; 0 when not part of it.
    pub key: i64,
}

/// All columns of all tables, sorted.
///
/// # Errors
/// A fault of the database.
pub async fn columns(tx: &mut Tx) -> Result<Vec<Column>, DbError> {
    let rows = if tx.is_postgres() {
        tx.query(
            "SELECT c.table_name::text, c.column_name::text, c.data_type::text, (c.is_nullable = 'YES'), coalesce(k.ordinal_position::bigint, 0)
             FROM information_schema.columns c
             LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
             LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name AND k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
             WHERE c.table_schema = current_schema()",
            &args![],
        )
        .await?
    } else {
        tx.query(
            "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            &args![],
        )
        .await?
    };
    let mut columns = Vec::with_capacity(rows.len());
    for row in &rows {
        let kind: String = row.get(2)?;
        let kind = match kind.to_ascii_lowercase().as_str() {
            "bigint" => "int".to_owned(),
            "double precision" => "real".to_owned(),
            "blob" | "bytea" => "bytes".to_owned(),
            other => other.to_owned(),
        };
        columns.push(Column { table: row.get(0)?, name: row.get(1)?, kind, nullable: row.get(3)?, key: row.get(4)? });
    }
    columns.sort();
    Ok(columns)
}
