//! A database as tables and rows, in one form whichever database it is: what a backup writes and a restore reads. No table is named here;
//! the schema says what there is.

use crate::migrate::Migration;
use crate::schema::{self, Column};
use crate::{DbError, Row, Tx, Value, placeholders};

/// A table, with its columns in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

impl Table {
    fn names(&self) -> String {
        self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The columns of the primary key, in its order, each with its place among the columns.
    fn key(&self) -> Vec<(usize, &Column)> {
        let mut key: Vec<(usize, &Column)> = self.columns.iter().enumerate().filter(|(_, column)| column.key > 0).collect();
        key.sort_by_key(|(_, column)| column.key);
        key
    }
}

/// All tables but the list of steps, in the order of their names.
///
/// # Errors
/// A fault of the database.
pub async fn tables(tx: &mut Tx) -> Result<Vec<Table>, DbError> {
    let mut tables: Vec<Table> = Vec::new();
    for column in schema::columns(tx).await? {
        match tables.last_mut() {
            Some(table) if table.name == column.table => table.columns.push(column),
            _ => tables.push(Table { name: column.table.clone(), columns: vec![column] }),
        }
    }
    tables.retain(|table| table.name != "migration");
    Ok(tables)
}

/// Lets rows refer to rows that come later, until [`end_load`]; all of it in one transaction.
///
/// # Errors
/// A fault of the database.
pub async fn begin_load(tx: &mut Tx) -> Result<(), DbError> {
    if !tx.is_postgres() {
        return tx.batch("PRAGMA defer_foreign_keys=ON").await;
    }
    for (table, name) in references(tx).await? {
        tx.batch(&format!("ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED")).await?;
    }
    Ok(())
}

/// Every row refers to one that is there, or this fails; from now on each statement is held to it again.
///
/// # Errors
/// A row that refers to none, or a fault of the database.
pub async fn end_load(tx: &mut Tx) -> Result<(), DbError> {
    if !tx.is_postgres() {
        // The end of the transaction looks.
        return Ok(());
    }
    tx.batch("SET CONSTRAINTS ALL IMMEDIATE").await?;
    for (table, name) in references(tx).await? {
        tx.batch(&format!("ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE")).await?;
    }
    Ok(())
}

/// PostgreSQL's foreign keys: table and name.
async fn references(tx: &mut Tx) -> Result<Vec<(String, String)>, DbError> {
    let sql = "SELECT conrelid::regclass::text, conname::text FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
    tx.query(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The steps that the database has, in the order of the history; unknown ones last.
///
/// # Errors
/// A fault of the database.
pub async fn steps(tx: &mut Tx, history: &[Migration]) -> Result<Vec<String>, DbError> {
    let rows = tx.query("SELECT name FROM migration", &[]).await?;
    let mut names: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    names.sort_by_key(|name| history.iter().position(|step| step.name == name).unwrap_or(usize::MAX));
    Ok(names)
}

/// Rows after the row `after`, in the order of the primary key, at most `limit`.
///
/// # Errors
/// A fault of the database.
pub async fn page(tx: &mut Tx, table: &Table, after: Option<&[Value]>, limit: i64) -> Result<Vec<Vec<Value>>, DbError> {
    let key = table.key();
    let order = key.iter().map(|(_, column)| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let (names, name) = (table.names(), &table.name);
    let mut values = vec![Value::Int(limit)];
    let sql = match after {
        None => format!("SELECT {names} FROM {name} ORDER BY {order} LIMIT $1"),
        Some(last) => {
            values.extend(key.iter().filter_map(|(place, _)| last.get(*place).cloned()));
            let bound = placeholders(1, key.len(), 2);
            format!("SELECT {names} FROM {name} WHERE ({order}) > {} ORDER BY {order} LIMIT $1", bound.trim())
        }
    };
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(|row| table.columns.iter().enumerate().map(|(place, column)| value(row, place, &column.kind)).collect()).collect()
}

fn value(row: &Row, place: usize, kind: &str) -> Result<Value, DbError> {
    Ok(match kind {
        "int" => row.get::<Option<i64>>(place)?.map_or(Value::Null, Value::Int),
        "real" => row.get::<Option<f64>>(place)?.map_or(Value::Null, Value::Real),
        "text" => row.get::<Option<String>>(place)?.map_or(Value::Null, Value::Text),
        _ => row.get::<Option<Vec<u8>>>(place)?.map_or(Value::Null, Value::Bytes),
    })
}

/// Writes rows whose values are those of `columns`, in their order.
///
/// # Errors
/// A fault of the database, or a row that is there already.
pub async fn load(tx: &mut Tx, table: &str, columns: &[String], rows: &[Vec<Value>]) -> Result<(), DbError> {
    let width = columns.len();
    // Both databases take more parameters than this in one statement.
    for some in rows.chunks((PARAMETERS_MAX / width.max(1)).max(1)) {
        let values: Vec<Value> = some.iter().flatten().cloned().collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), placeholders(some.len(), width, 1));
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// Parameters of one statement.
const PARAMETERS_MAX: usize = 10_000;

/// How many rows all these tables have.
///
/// # Errors
/// A fault of the database.
pub async fn count(tx: &mut Tx, tables: &[Table]) -> Result<i64, DbError> {
    let mut rows = 0;
    for table in tables {
        rows += tx.query_one(&format!("SELECT count(*) FROM {}", table.name), &[]).await?.get::<i64>(0)?;
    }
    Ok(rows)
}

/// Empties these tables, in this order.
///
/// # Errors
/// A fault of the database.
pub async fn clear(tx: &mut Tx, tables: &[String]) -> Result<(), DbError> {
    for table in tables {
        tx.execute(&format!("DELETE FROM {table}"), &[]).await?;
    }
    Ok(())
}
