// The text protocol between a framed app and the portal.
//
//   frame to portal   command:{json}:key:sid   or   command:key:sid
//   portal to frame   key:{json}               or   key
//
// The JSON may contain colons, so a message is cut from both ends.

export function parseMessage(data) {
  if (data && typeof data === 'object') {
    // Command names that contain a colon travel as an object.
    const { method, params, callback, appSid } = data;
    return method && appSid ? { command: method, params: params || {}, key: callback || '', sid: appSid } : null;
  }
  if (typeof data !== 'string') return null;
  const parts = data.split(':');
  if (parts.length < 3) return null;
  const sid = parts.pop();
  const key = parts.pop();
  const command = parts.shift();
  if (!command) return null;
  return { command, params: parseParams(parts.join(':')), key, sid };
}

// setValue and its like send a bare text instead of JSON.
function parseParams(text) {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function formatReply(key, result) {
  return result === undefined ? key : `${key}:${JSON.stringify(result)}`;
}
