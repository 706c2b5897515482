/**
 * What holds for browsers, which send requests that their users know nothing of: {@link dev.raftkv.rest.browser.Browsers} stands
 * before all else. May import {@code rest.request} and {@code rest.http}. Threads: none of its own.
 */
package dev.raftkv.rest.browser;
