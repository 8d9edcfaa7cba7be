/** Words stand between these two, so that no word is taken for a product of letters. */
export const TEXT_OPEN = '\ue000'
export const TEXT_CLOSE = '\ue001'
