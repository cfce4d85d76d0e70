/// Why a file or folder could not be read.
struct FileError: Error {
    var message: String
}
