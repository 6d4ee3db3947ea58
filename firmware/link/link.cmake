# libwebsockets' functions that firmware/link/lws_hooks.cpp stands in for.
# They are wanted even by a program that uses nothing else of the link, hence --undefined.
foreach(function lws_header_table_attach lws_parse lws_parse_ws lws_tls_server_accept
    lws_tls_server_conn_alpn lws_return_http_status lws_plat_mbedtls_net_recv
    lws_plat_mbedtls_net_send)
  target_link_options(signalbox_firmware INTERFACE -Wl,--wrap=${function} -Wl,--undefined=__wrap_${function})
endforeach()

# mbedTLS's, that firmware/link/record_calls.cpp stands in for.
foreach(function mbedtls_ssl_read mbedtls_ssl_write mbedtls_ssl_close_notify mbedtls_ssl_free)
  target_link_options(signalbox_firmware INTERFACE -Wl,--wrap=${function} -Wl,--undefined=__wrap_${function})
endforeach()
