/// Text of a file in quotes, to stand in an error message: cut behind 64 characters, and without anything that could
/// play tricks on a terminal.
func quoted(_ text: String) -> String {
    let scalarsMax = 64
    var result = "\""
    for scalar in text.unicodeScalars.prefix(scalarsMax) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
    }
    if text.unicodeScalars.dropFirst(scalarsMax).first != nil { result += "…" }
    return result + "\""
}
