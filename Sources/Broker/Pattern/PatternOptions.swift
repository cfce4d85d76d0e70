/// What `(?imsx)` switches on within a group.
struct PatternOptions {
    /// `i`
    var ignoresCase = false
    /// `m`: `^` and `$` match at newlines within the text as well.
    var isMultiLine = false
    /// `s`: `.` is a newline as well.
    var dotIsAny = false
    /// `x`: white space and comments in the pattern mean nothing.
    var isExtended = false
}
