import HarrierManagement
import LosslessJSON

extension JSONObject {
    /// As JSON on one line, the fields in the order of their names, without characters that could do something to a terminal.
    var line: String { JSONValue.object(fields).line }
}

extension JSONValue {
    /// The same for any value.
    var line: String { TerminalText.escapedJSON(text) }
}
