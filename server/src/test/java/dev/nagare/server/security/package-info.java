/** Tests of this package. */
@NullMarked
package dev.nagare.server.security;

import org.jspecify.annotations.NullMarked;
