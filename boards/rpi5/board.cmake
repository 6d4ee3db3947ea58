signalbox_add_board(rpi5)
