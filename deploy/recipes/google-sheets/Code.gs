/**
 * Sends the rows of this sheet to CrmGrains: each row once for each revision of it, signed, and again until it was taken.
 *
 * Script properties: CRMGRAINS_URL (the hook's address), CRMGRAINS_SECRET (the source's secret), SHEET (the sheet's name),
 * REQUIRED (column headers that must be filled before a row is sent, with commas).
 *
 * Two columns belong to this script and may be hidden: `crmgrains_key` names the row for ever, wherever it moves;
 * `crmgrains_sent` is what was taken last: the content's hash and its revision.
 */
const KEY_COLUMN = 'crmgrains_key';
const SENT_COLUMN = 'crmgrains_sent';
const ATTEMPTS = 4;
const RUN_MS = 4.5 * 60 * 1000; // Google ends a run after six minutes.

/** Run once by hand: makes the two columns and the triggers. */
function setUp() {
  const sheet = sheet_();
  const headers = headersOf_(sheet);
  [KEY_COLUMN, SENT_COLUMN].forEach(name => {
    if (headers.indexOf(name) < 0) {
      sheet.getRange(1, sheet.getLastColumn() + 1).setValue(name);
    }
  });
  ScriptApp.getProjectTriggers().forEach(trigger => ScriptApp.deleteTrigger(trigger));
  const spreadsheet = SpreadsheetApp.getActive();
  ScriptApp.newTrigger('sendRows').forSpreadsheet(spreadsheet).onEdit().create();
  ScriptApp.newTrigger('sendRows').forSpreadsheet(spreadsheet).onFormSubmit().create();
  // What scripts and the API write fires no edit, and what wasn't taken is tried again.
  ScriptApp.newTrigger('sendRows').timeBased().everyMinutes(5).create();
}

/** Sends whatever differs from what was taken last. */
function sendRows() {
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(5000)) {
    return; // Another run is at it; the rows that it doesn't see any more are seen by the next one.
  }
  try {
    const started = Date.now();
    const sheet = sheet_();
    const headers = headersOf_(sheet);
    const keyAt = headers.indexOf(KEY_COLUMN);
    const sentAt = headers.indexOf(SENT_COLUMN);
    if (keyAt < 0 || sentAt < 0) {
      throw new Error('Run setUp first: the columns ' + KEY_COLUMN + ' and ' + SENT_COLUMN + ' are missing.');
    }
    if (sheet.getLastRow() < 2) {
      return;
    }
    const rows = sheet.getRange(2, 1, sheet.getLastRow() - 1, headers.length).getValues();
    const seen = {};
    for (let i = 0; i < rows.length && Date.now() - started < RUN_MS; i++) {
      const values = valuesOf_(headers, rows[i]);
      if (!isComplete_(values)) {
        continue;
      }
      let key = String(rows[i][keyAt] || '');
      let sent = String(rows[i][sentAt] || '');
      if (!key || seen[key]) {
        // A copied row brings the key of the one that it was copied from: it is a row of its own.
        key = Utilities.getUuid();
        sent = '';
        sheet.getRange(i + 2, keyAt + 1).setValue(key);
        sheet.getRange(i + 2, sentAt + 1).setValue('');
      }
      seen[key] = true;
      const content = hashOf_(JSON.stringify(values));
      if (sent.indexOf(content + '.') === 0) {
        continue;
      }
      // Made of the revision before as well: a value that is changed back is a change, and not the first one again.
      const revision = hashOf_(content + sent);
      if (!send_(sheet, key, revision, sent, values)) {
        return; // It was tried as often as makes sense now; the next run goes on here.
      }
      // The key is looked for again: somebody may have sorted the sheet meanwhile.
      markSent_(sheet, keyAt, sentAt, key, content + '.' + revision);
    }
  } finally {
    lock.releaseLock();
  }
}

/** True: taken, or refused for good, which is a person's matter and in the log. False: try again later. */
function send_(sheet, key, revision, sent, values) {
  const spreadsheetId = sheet.getParent().getId();
  const body = JSON.stringify({
    eventId: spreadsheetId + ':' + key + ':' + revision,
    type: sent ? 'row.updated' : 'row.created',
    occurredAt: new Date().toISOString(),
    spreadsheetId: spreadsheetId,
    sheet: sheet.getName(),
    rowKey: key,
    values: values
  });
  const properties = PropertiesService.getScriptProperties();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const code = post_(properties.getProperty('CRMGRAINS_URL'), properties.getProperty('CRMGRAINS_SECRET'), body);
    if (code >= 200 && code < 300) {
      return true;
    }
    if (code === 400 || code === 413) {
      console.error('Row ' + key + ' was refused with ' + code + '; change it to send it again.');
      return true;
    }
    if (code === 401 || code === 404) {
      // Every row would be refused: that is the address or the secret, not the row.
      throw new Error('The hook answered ' + code + '. Check CRMGRAINS_URL and CRMGRAINS_SECRET.');
    }
    if (attempt < ATTEMPTS) {
      Utilities.sleep((1000 << attempt) + Math.floor(Math.random() * 1000));
    }
  }
  return false;
}

/** The answer's status; 0 where there was none. Signed anew each time, as the timestamp is good for five minutes only. */
function post_(url, secret, body) {
  if (!url || !secret) {
    throw new Error('Set the script properties CRMGRAINS_URL and CRMGRAINS_SECRET.');
  }
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = hexOf_(Utilities.computeHmacSha256Signature(timestamp + '.' + body, secret, Utilities.Charset.UTF_8));
  try {
    return UrlFetchApp.fetch(url, {
      method: 'post',
      contentType: 'application/json; charset=utf-8',
      payload: body,
      headers: { 'X-CrmGrains-Signature': 't=' + timestamp + ',v1=' + signature },
      muteHttpExceptions: true,
      followRedirects: false
    }).getResponseCode();
  } catch (error) {
    console.warn('The hook did not answer: ' + error.message);
    return 0;
  }
}

function hashOf_(text) {
  return hexOf_(Utilities.computeDigest(Utilities.DigestAlgorithm.SHA_256, text, Utilities.Charset.UTF_8)).slice(0, 16);
}

/** Google's bytes are signed, from -128 to 127. */
function hexOf_(bytes) {
  return bytes.map(byte => ((byte + 256) % 256).toString(16).padStart(2, '0')).join('');
}

function sheet_() {
  const name = PropertiesService.getScriptProperties().getProperty('SHEET');
  const sheet = name ? SpreadsheetApp.getActive().getSheetByName(name) : SpreadsheetApp.getActive().getSheets()[0];
  if (!sheet) {
    throw new Error('There is no sheet ' + name + '. Set the script property SHEET.');
  }
  return sheet;
}

function headersOf_(sheet) {
  return sheet.getLastColumn() === 0
    ? []
    : sheet.getRange(1, 1, 1, sheet.getLastColumn()).getValues()[0].map(header => String(header).trim());
}

/** Columns without a header, and our own, are nobody's answer. */
function valuesOf_(headers, row) {
  const values = {};
  headers.forEach((header, i) => {
    if (header && header !== KEY_COLUMN && header !== SENT_COLUMN && row[i] !== '') {
      values[header] = row[i] instanceof Date ? row[i].toISOString() : row[i];
    }
  });
  return values;
}

function isComplete_(values) {
  const required = (PropertiesService.getScriptProperties().getProperty('REQUIRED') || '').split(',').map(name => name.trim());
  return Object.keys(values).length > 0 && required.every(name => !name || values[name] !== undefined);
}

function markSent_(sheet, keyAt, sentAt, key, sent) {
  const keys = sheet.getRange(2, keyAt + 1, sheet.getLastRow() - 1, 1).getValues();
  for (let i = 0; i < keys.length; i++) {
    if (keys[i][0] === key) {
      sheet.getRange(i + 2, sentAt + 1).setValue(sent);
      return;
    }
  }
}
