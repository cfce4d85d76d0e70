/// The version of this build, as `harrier --version`, `/health` and the connection handshake tell it.
public enum ServerVersion {
    public static let text = "0.1.0"
}
