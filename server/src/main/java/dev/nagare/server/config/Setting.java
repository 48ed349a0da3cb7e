package dev.nagare.server.config;

/**
 * A value in use, for {@code --print-config}.
 *
 * @param path of the setting, such as {@code server.port}
 * @param value as text; {@code (hidden)} where it may be a secret
 * @param origin {@code default}, {@code file.yaml:7}, or the variable that set it
 */
public record Setting(String path, String value, String origin) {}
