# libwebsockets' functions that firmware/link/lws_hooks.cpp stands in for.
foreach(function lws_parse lws_parse_ws lws_tls_server_conn_alpn lws_return_http_status)
  target_link_options(signalbox_firmware INTERFACE -Wl,--wrap=${function})
endforeach()
