/**
 * Who a caller is and what it may do: tokens of a file, JSON Web Tokens, the console's session; and
 * the certificates of the listeners. Read {@link dev.nagare.server.security.Access} first.
 */
@NullMarked
package dev.nagare.server.security;

import org.jspecify.annotations.NullMarked;
